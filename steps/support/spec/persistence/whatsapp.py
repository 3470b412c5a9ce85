"""What WhatsApp sends with a patient's first message when an ad brought them: its referral, as the service keeps it.

Its ad ids have 18 digits (beyond what a float64 holds), a headline has up to 255 characters and a body up to 2,200;
it never names a campaign.
"""

from sqlalchemy import text

from steps.support import expect
from steps.support.spec.persistence import rows
from steps.support.spec.world import World
from steps.support.vocabulary import Words

AD = {"acquisition_source": "META_ADS", "meta_ad_id": "120208466731140457"}
HEADLINE = "¿Sonrisa nueva? Turnos esta semana 🦷 "
BODY = "Blanqueamiento y limpieza.\nLunes a sábado,\r\n\tde 8 a 20.\n\n¡Escribinos! 👇🏽 "
REFERRALS: Words[dict[str, str | None]] = Words("un paciente que llegó por WhatsApp con <what>", {
    "un número de anuncio de 18 cifras": {"meta_ad_headline": "Sonrisa", "meta_ad_body": "Turnos"},
    "un título de 255 letras": {"meta_ad_headline": (HEADLINE * 7)[:255], "meta_ad_body": "Turnos"},
    "un texto de 2200 letras en varios renglones": {"meta_ad_headline": "Sonrisa", "meta_ad_body": (BODY * 30)[:2200]},
    "emojis unidos entre sí": {"meta_ad_headline": "👩🏽‍⚕️👨‍👩‍👧‍👦🏳️‍🌈🇦🇷", "meta_ad_body": "1️⃣ pedí turno 👉🏾 2️⃣ vení"},
    "un texto con {{product.name}} sin completar": {
        "meta_ad_headline": "{{product.name}}", "meta_ad_body": "Probá {{product.name}} por $ {{product.price}}",
    },
    "un anuncio sin campaña": {"meta_campaign_id": None, "meta_ad_headline": "Sonrisa", "meta_ad_body": "Turnos"},
    "un título vacío": {"meta_ad_headline": "", "meta_ad_body": "Turnos"},
})  # fmt: skip


def new_patient(world: World, what: str) -> None:
    """A patient not saved yet, with one of the `REFERRALS`."""
    rows.new(world, "Patient", AD | REFERRALS[what])


def expect_in_table(world: World) -> None:
    """Fail unless the row, read by SQL alone, holds to the byte what was set, and nothing where nothing was."""
    names = list(world.subject.columns)
    # As bytes: neither the driver nor a collation can make two texts the same that are not.
    columns = ", ".join(f"convert_to({name}, 'UTF8')" for name in names)
    query = text(f"SELECT {columns} FROM {world.subject.relation} WHERE {world.subject.key} = :key")
    with world.database.connect() as connection:
        found = connection.execute(query, {"key": world.row_key}).one()
    for name, value in zip(names, found, strict=True):
        wanted = world.saved.get(name)
        read = None if value is None else bytes(value).decode()
        expect.equal(f"{world.subject.table}.{name} no es en la tabla lo que se guardó.", wanted, read)
