"""Hooks that fail or skip where a tag says so."""

from typing import Any


def before_feature(_context: Any, feature: Any) -> None:
    if "gancho_roto" in feature.tags:
        raise RuntimeError("el gancho de la funcionalidad se rompió")
    if "saltada" in feature.tags:
        feature.skip("esta funcionalidad espera a la versión 2")


def before_rule(_context: Any, rule: Any) -> None:
    if "saltada" in rule.tags:
        rule.skip("esta regla espera a la versión 2")


def before_scenario(_context: Any, scenario: Any) -> None:
    if "saltar" in scenario.tags:
        scenario.skip("hace falta Docker")
    if "gancho_antes" in scenario.tags:
        raise RuntimeError("no hay servidor")


def after_scenario(_context: Any, scenario: Any) -> None:
    if "gancho_despues" in scenario.tags:
        raise RuntimeError("no se pudo medir")
