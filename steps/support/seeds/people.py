"""Clinics, and the patients that are awkward on purpose."""

from typing import Any

Row = dict[str, Any]

CLINICS: list[Row] = [
    {"clinic_name": "Clínica Dental", "bot_phone_number": "+5491150000001", "clinic_website": ""},
    {"clinic_name": "Odontología O'Higgins & Núñez", "bot_phone_number": "+5491150000002", "owner_email": "a@b.ar"},
    {"clinic_name": "  Sonrisas «Ñandú»  ", "bot_phone_number": "+5491150000003", "clinic_location": "Río 3\nPiso 2"},
    {"clinic_name": "عيادة الأسنان 🦷", "bot_phone_number": "+5491150000004"},
    {"clinic_name": "Clinic \\N; DROP TABLE patients; --", "bot_phone_number": "+5491150000005"},
]

AWKWARD: list[Row] = [
    {"first_name": "Ana"},
    {"first_name": "José María", "last_name": "D'Ángelo Ñúñez", "dni": "00012345", "notes": ""},
    {"first_name": "  Espacios  ", "last_name": "\ttabulador\t", "notes": " al principio y al final "},
    {"first_name": 'O"Brien\\', "last_name": "%s :nombre {x} $1", "notes": "línea 1\nlínea 2\r\nlínea 3"},
    {"first_name": "Zoë́", "last_name": "Łukasz-İstanbul", "notes": "e\u0301 combinada y é precompuesta"},
    {"first_name": "ليلى", "last_name": "محمد", "notes": "\u200fنص من اليمين إلى اليسار\u200f"},
    {"first_name": "😀👩🏽‍⚕️", "notes": "emoji de cuatro bytes 🦷"},
    {"first_name": "Larga", "notes": "Control anual sin novedades. " * 4000},
    {"first_name": "NULL", "last_name": "null", "email": "\\N", "notes": "\\N"},
    {"first_name": "Antigua", "birth_date": "0001-01-01", "insurance_valid_until": "9999-12-31"},
    {"first_name": "Bisiesta", "birth_date": "2000-02-29", "last_visit": "2026-03-29 01:59:59.999999+00"},
    {"first_name": "Época", "created_at": "1970-01-01 00:00:00+00", "updated_at": "1969-12-31 23:59:59.5+00"},
    {"first_name": "Historia", "medical_history": {"alergias": [{"a": {"b": [None, True, 1.5, "ñ"]}}], "": "vacía"}},
    {"first_name": "Historia nula", "medical_history": None, "status": None, "human_handoff_requested": None},
    {"first_name": "Derivada", "human_handoff_requested": True, "human_override_until": "2030-01-01 12:00:00+05:30"},
    {"first_name": "x" * 100, "last_name": "y" * 100, "insurance_id": "z" * 50, "email": "m" * 255},
]
