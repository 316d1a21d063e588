"""What the surroundings tell this process, read once."""

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator
from pydantic_settings import BaseSettings, SettingsConfigDict
from servicekit.settings import PREFIX, read

KIND = "coworking"


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError("must name a time zone, like Europe/Paris") from error
    return name


class _Variables(BaseSettings):
    """What a coworking reads besides the variables of every instance."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True)

    time_zone: Annotated[str, AfterValidator(_time_zone)] = "Europe/Paris"


def structure_zone() -> ZoneInfo:
    """Where the structure's months begin and end (`GROUPEMENT_TIME_ZONE`); raises SettingRefused.

    Each place has a time zone of its own besides, which its opening hours and bookings follow.
    """
    return ZoneInfo(read(_Variables).time_zone)
