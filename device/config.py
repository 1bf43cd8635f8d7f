"""gateway.toml to frozen settings; every mistake is named by its key."""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from services.domain.exchange import SMALLEST_NOTE
from services.domain.identity import CARD_PREFIX
from services.domain.labels import USUAL_STOCKS, Stock
from services.domain.printing import DrawerOpens, Language
from services.domain.stock import Oversell
from services.domain.stored_value import SpendRule
from services.registry import discover

Name = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{1,32}$")]
KINDS = ("scanner", "printer", "drawer")  # of the devices a till has
ON_PRINTER = "drawer.printer"  # the driver whose device hangs on another one
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
Port = Annotated[int, Meta(ge=1, le=65535)]
INVOICE_KEY_MIN = 16  # characters
PAGE = r"^(https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*)?$"


class ConfigError(Exception):
    """The settings are wrong; the text names the key and what is the matter."""


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Store(_Table, frozen=True, kw_only=True):
    id: Name = "S0001"  # as HQ knows it; stands in every receipt number
    name: str = "衣间 · 南京西路店"
    currency: Currency = "CNY"
    tax_bp: Annotated[int, Meta(ge=0, le=10_000)] = 0  # in every price; 0: no tax is shown
    timezone: str = "Asia/Shanghai"
    rollover_hour: Annotated[int, Meta(ge=0, le=23)] = 4  # when the business day changes
    receipt_language: Language = "zh"
    receipt_footer: str = "7 天可退换，请保留小票"
    receipt_footer_en: str = "Returns within 7 days with this receipt"
    late_copy_approval: bool = False  # a copy later than 10 minutes needs the right reprint_late
    drawer_opens: DrawerOpens = "cash"
    cash_rounding_minor: Annotated[int, Meta(ge=1, le=10_000)] = 1  # smallest coin in use; 1: none
    cash_rounding_mode: Literal["down", "half_up", "half_down", "up"] = "down"
    foreign_cash: tuple[Currency, ...] = ()  # whose notes are taken, at the office's rates
    gift_card_max_minor: Annotated[int, Meta(ge=0, le=100_000_000)] = 1_000_00  # 0: none are sold
    oversell: Oversell = "warn"  # what becomes of a sale of more than is on hand
    reorder_point: Annotated[int, Meta(ge=0, le=9_999)] = 3  # so few pieces are said to be running out


class Instalments(_Table, frozen=True, kw_only=True):
    """Paying by the month. No months: it is not offered."""

    provider: str = ""  # empty: the shop itself
    months: tuple[Literal[3, 6, 12], ...] = ()
    min_minor: Annotated[int, Meta(ge=0, le=100_000_000)] = 300_00
    fee_bp: dict[Literal["3", "6", "12"], Annotated[int, Meta(ge=0, le=10_000)]] = {}


class StoredValue(_Table, frozen=True, kw_only=True):
    """What customers have paid in. The limits are those of the law on a single merchant's prepaid cards."""

    spend: SpendRule = "proportional"
    named_max_minor: Annotated[int, Meta(ge=0, le=100_000_000)] = 5_000_00
    nameless_max_minor: Annotated[int, Meta(ge=0, le=100_000_000)] = 1_000_00
    cash_max_minor: Annotated[int, Meta(ge=1, le=1_000_000_000)] = 50_000_00
    proof_above_minor: Annotated[int, Meta(ge=0, le=100_000_000)] = 200_00
    deduct_bonus: bool = True
    grace_days: Annotated[int, Meta(ge=0, le=3_650)] = 30
    reserve_bp: Annotated[int, Meta(ge=0, le=10_000)] = 20_00


class Coupons(_Table, frozen=True, kw_only=True):
    grace_days: Annotated[int, Meta(ge=0, le=3_650)] = 30  # of one that comes back after its end
    foreign_face_max_minor: Annotated[int, Meta(ge=0, le=100_000_000)] = 50_00  # of another store's
    foreign_a_day: Annotated[int, Meta(ge=0, le=99)] = 1  # of them for one member


class Returns(_Table, frozen=True, kw_only=True):
    """For how long goods come back, and how much without a receipt."""

    window_days: Annotated[int, Meta(ge=0, le=3_650)] = 7  # as the receipt says; 0: whenever
    days_of: dict[str, Annotated[int, Meta(ge=0, le=3_650)]] = {}  # by category, other than that
    blind_max_minor: Annotated[int, Meta(ge=0, le=100_000_000)] = 500_00  # without a receipt; 0: never


class Invoice(_Table, frozen=True, kw_only=True):
    """Where a receipt's QR code leads for a tax invoice. No address: it is the number alone."""

    url: Annotated[str, Meta(max_length=48, pattern=PAGE)] = ""
    key: Annotated[str, Meta(max_length=256)] = ""  # shared with headquarters


class Parking(_Table, frozen=True, kw_only=True):
    """Baskets that are put aside for their customers."""

    ticket_prefix: Annotated[str, Meta(pattern="^2[0-9]{1,2}$")] = "28"  # of the barcode on tickets
    print_tickets: bool = True
    day_close: Literal["carry", "expire", "block"] = "carry"  # what the close of a day does to them


class Shift(_Table, frozen=True, kw_only=True):
    """What the store asks of its shifts."""

    required: bool = True  # the till asks for the float when somebody signs on; it may be skipped
    reason_over_minor: Annotated[int, Meta(ge=0, le=10_000_00)] = 5_00  # a larger difference needs a reason
    drop_over_minor: Annotated[int, Meta(ge=0, le=1_000_000_00)] = (
        3_000_00  # more is for the safe; 0: never
    )


class Data(_Table, frozen=True, kw_only=True):
    dir: str = "var"  # database, keys, sockets
    run_dir: str = ""  # Unix sockets; empty: the data folder


class Backup(_Table, frozen=True, kw_only=True):
    dir: str = ""  # on another medium; empty: no copies are made
    keep: Annotated[int, Meta(ge=1, le=366)] = 14


class Web(_Table, frozen=True, kw_only=True):
    host: str = "127.0.0.1"
    port: Port = 8080
    trusted_hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")  # the names tablets call us by


class Broker(_Table, frozen=True, kw_only=True):
    """Where sales go. No host: the embedded broker of the demo."""

    host: str = ""
    port: Port = 18830
    shard: Annotated[int, Meta(ge=0, le=63)] = 17  # fixed at provisioning
    username: str = ""
    password: str = ""


class Hq(_Table, frozen=True, kw_only=True):
    """The reference HQ consumer of the demo."""

    dir: str = "var/hq"


class Till(_Table, frozen=True, kw_only=True):
    key: Annotated[str, Meta(pattern="^[A-Za-z0-9]{1,8}$")]
    scanner: str = ""  # device names; empty: this till has none
    printer: str = ""
    printer_fallback: tuple[str, ...] = ()  # in this order, while those before cannot print
    label_printer: str = ""  # empty: the receipt printer
    drawer: str = ""

    @property
    def printers(self) -> tuple[str, ...]:
        """The printers of its receipts, the first one that can prints."""
        return (self.printer, *self.printer_fallback) if self.printer else ()

    @property
    def spare(self) -> tuple[str, ...]:
        return self.printers[1:]

    @property
    def labeller(self) -> str:
        return self.label_printer or self.printer

    @property
    def devices(self) -> tuple[str, ...]:
        """Every device the till may use, each once."""
        names = (self.scanner, *self.printers, self.label_printer, self.drawer)
        return tuple(dict.fromkeys(name for name in names if name))


class DeviceEntry(_Table, frozen=True, kw_only=True):
    name: Name
    label: str = ""  # what people call it; empty: its name
    driver: str
    parent: str = ""  # a drawer names the printer it hangs on
    settings: dict[str, Any] = {}


class Settings(_Table, frozen=True, kw_only=True):
    """The whole file. Everything has a default: no file at all is the demo on twins."""

    twins: bool = True  # false: real hardware
    label: tuple[Stock, ...] = USUAL_STOCKS
    store: Store = Store()
    parking: Parking = Parking()
    shift: Shift = Shift()
    instalments: Instalments = Instalments()
    stored_value: StoredValue = StoredValue()
    coupons: Coupons = Coupons()
    returns: Returns = Returns()
    invoice: Invoice = Invoice()
    data: Data = Data()
    backup: Backup = Backup()
    web: Web = Web()
    broker: Broker = Broker()
    hq: Hq = Hq()
    till: tuple[Till, ...] = (
        Till(key="1", scanner="scanner-1", printer="printer-1", drawer="drawer-1"),
        Till(key="2", scanner="scanner-2", printer="printer-1", drawer="drawer-1"),
    )
    device: tuple[DeviceEntry, ...] = (
        DeviceEntry(name="scanner-1", driver="scanner.hid"),
        DeviceEntry(name="scanner-2", driver="scanner.serial"),
        DeviceEntry(name="printer-1", driver="printer.escpos"),
        DeviceEntry(name="drawer-1", driver="drawer.printer", parent="printer-1"),
    )

    @property
    def data_dir(self) -> Path:
        return Path(self.data.dir)

    @property
    def run_dir(self) -> Path:
        return Path(self.data.run_dir or self.data.dir)

    @property
    def database(self) -> Path:
        return self.data_dir / "store.db"

    @property
    def member_keys(self) -> Path:
        """Beside the database, and in none of its backups: what is erased stays so."""
        return self.data_dir / "members.keys.db"

    @property
    def member_keys_copy(self) -> Path | None:
        """The one other place where they are."""
        return Path(self.backup.dir) / "members.keys.db" if self.backup.dir else None

    @property
    def socket(self) -> Path:
        return self.run_dir / "uplink.sock"


def load(path: Path | None) -> Settings:
    """Read and check the file; defaults for None. Raises ConfigError with every problem's key."""
    if path is None:
        settings = Settings()
    else:
        try:
            settings = msgspec.convert(tomllib.loads(path.read_text("utf-8")), Settings)
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise ConfigError(f"{path}: {error}") from error
        except msgspec.ValidationError as error:
            raise ConfigError(_named(str(error))) from error
    _check(settings)
    return settings


def device_settings(entry: DeviceEntry) -> Any:
    """The entry's settings as its driver's own type, its name filled in. Raises ConfigError."""
    drivers = discover("drivers", "DRIVER")
    if entry.driver not in drivers:
        raise ConfigError(
            f"device.{entry.name}.driver: no driver {entry.driver!r}{_near(entry.driver, drivers)}"
        )
    given = {"name": entry.name, **entry.settings}
    try:
        return msgspec.convert(given, drivers[entry.driver].settings)
    except msgspec.ValidationError as error:
        raise ConfigError(_named(str(error), f"device.{entry.name}.settings")) from error


def _check(settings: Settings) -> None:
    try:
        ZoneInfo(settings.store.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigError(f"store.timezone: unknown zone {settings.store.timezone!r}") from error
    _check_foreign(settings.store)
    if settings.parking.ticket_prefix.startswith(CARD_PREFIX):
        raise ConfigError(f"parking.ticket_prefix: {CARD_PREFIX} begins the numbers of member cards")
    if settings.invoice.url and len(settings.invoice.key) < INVOICE_KEY_MIN:
        raise ConfigError(f"invoice.key: at least {INVOICE_KEY_MIN} characters that nobody guesses")
    if len({stock.key for stock in settings.label}) != len(settings.label):
        raise ConfigError("label.key: two label stocks have one key")
    names = {entry.name: entry for entry in settings.device}
    if len(names) != len(settings.device):
        raise ConfigError("device.name: two devices have one name")
    for entry in settings.device:
        device_settings(entry)
        _check_parent(entry, names)
    if not settings.till:
        raise ConfigError("till: a store has at least one")
    for till in settings.till:
        _check_till(till, names)
    _check_shared(settings)


def _check_foreign(store: Store) -> None:
    key = "store.foreign_cash"
    if len(set(store.foreign_cash)) != len(store.foreign_cash):
        raise ConfigError(f"{key}: a currency is named twice")
    for currency in store.foreign_cash:
        if currency == store.currency:
            raise ConfigError(f"{key}: {currency} is the shop's own")
        if currency not in SMALLEST_NOTE:
            raise ConfigError(
                f"{key}: the notes of {currency} are not known{_near(currency, SMALLEST_NOTE)}"
            )


def _check_parent(entry: DeviceEntry, names: dict[str, DeviceEntry]) -> None:
    """A drawer on a connector names its printer, and nothing else names a device."""
    key = f"device.{entry.name}.parent"
    if entry.driver != ON_PRINTER:
        if entry.parent:
            raise ConfigError(f"{key}: only a {ON_PRINTER} hangs on another device")
        return
    if not entry.parent:
        raise ConfigError(f"{key}: name the printer that this drawer is plugged into")
    if entry.parent not in names or _kind(names[entry.parent]) != "printer":
        raise ConfigError(f"{key}: no printer {entry.parent!r}{_near(entry.parent, names)}")


def _check_till(till: Till, names: dict[str, DeviceEntry]) -> None:
    for kind in KINDS:
        name = getattr(till, kind)
        if name and (name not in names or _kind(names[name]) != kind):
            raise ConfigError(f"till.{till.key}.{kind}: no {kind} {name!r}{_near(name, names)}")
    _check_printers(till, names)
    printer = names[till.drawer].parent if till.drawer else ""
    if printer and printer != till.printer:
        raise ConfigError(
            f"till.{till.key}.drawer: {till.drawer!r} hangs on {printer!r},"
            " which is not this till's printer"
        )


def _check_printers(till: Till, names: dict[str, DeviceEntry]) -> None:
    """The spare ones and the one for labels."""
    key = f"till.{till.key}.printer_fallback"
    if till.printer_fallback and not till.printer:
        raise ConfigError(f"{key}: this till has no printer that others could stand in for")
    if len(set(till.printers)) != len(till.printers):
        raise ConfigError(f"{key}: a printer is named twice")
    for where, name in (
        *((key, spare) for spare in till.spare),
        (f"till.{till.key}.label_printer", till.label_printer),
    ):
        if name and (name not in names or _kind(names[name]) != "printer"):
            raise ConfigError(f"{where}: no printer {name!r}{_near(name, names)}")


def _check_shared(settings: Settings) -> None:
    """Two of a kind that would do each other's work, and what would do none."""
    keys: set[str] = set()
    scanners: dict[str, str] = {}
    for till in settings.till:
        if till.key in keys:
            raise ConfigError(f"till.{till.key}.key: two tills have this key")
        keys.add(till.key)
        if till.scanner and (other := scanners.setdefault(till.scanner, till.key)) != till.key:
            raise ConfigError(f"till.{till.key}.scanner: {till.scanner!r} is till {other}'s")
    pins: dict[tuple[str, int], str] = {}
    used = {name for till in settings.till for name in till.devices}
    for entry in settings.device:
        if entry.name not in used:
            raise ConfigError(f"device.{entry.name}: no till uses it")
        if entry.parent:
            pin = device_settings(entry).pin
            if (name := pins.setdefault((entry.parent, pin), entry.name)) != entry.name:
                raise ConfigError(
                    f"device.{entry.name}.settings.pin: {name!r} has pin {pin} of that printer"
                )


def _kind(entry: DeviceEntry) -> str:
    return entry.driver.partition(".")[0]


def _named(message: str, section: str = "") -> str:
    """msgspec's "Expected `int`, got `str` - at `$.web.port`" as "web.port: Expected `int`, got `str`"."""
    match = re.fullmatch(r"(.*?)(?: - at `\$\.?(.*)`)?", message, re.DOTALL)
    assert match is not None
    key = ".".join(part for part in (section, match[2] or "") if part)
    unknown = re.search(r"unknown field `(\w+)`", message)
    hint = _near(unknown[1], _fields()) if unknown else ""
    return f"{key or 'settings'}: {match[1]}{hint}"


def _near(word: str, known: Any) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _fields() -> set[str]:
    tables = (Settings, Stock, Store, Returns, Parking, Data, Backup, Web, Broker, Hq, Till, DeviceEntry)
    return {field for table in tables for field in table.__struct_fields__}
