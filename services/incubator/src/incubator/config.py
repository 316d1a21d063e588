"""What the surroundings tell this process, read once."""

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from servicekit.settings import PREFIX, read

KIND = "incubator"


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError("must name a time zone this machine knows, like Europe/Paris") from error
    return name


class _Variables(BaseSettings):
    """What an incubator reads besides the variables of every instance."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True)

    time_zone: Annotated[str, AfterValidator(_time_zone)] = Field(default="Europe/Paris", validate_default=True)


def structure_zone() -> ZoneInfo:
    """Where the structure's days begin and end (`GROUPEMENT_TIME_ZONE`); raises SettingRefused."""
    return ZoneInfo(read(_Variables).time_zone)
