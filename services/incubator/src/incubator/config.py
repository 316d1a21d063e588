"""What the surroundings tell this process, read once."""

from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field
from servicekit.settings import Environment, InstanceSettings, read

KIND = "incubator"


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError("must name a time zone, like Europe/Paris") from error
    return name


class IncubatorEnvironment(Environment):
    """The variables as they are written; `GROUPEMENT_TIME_ZONE` is where the structure's days begin and end."""

    time_zone: Annotated[str, AfterValidator(_time_zone)] = Field(default="Europe/Paris", validate_default=True)


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings of an incubator."""

    instance: InstanceSettings
    zone: ZoneInfo


def read_config() -> Config:
    """The settings; raises SettingRefused naming the variable at fault."""
    env = read(IncubatorEnvironment)
    return Config(instance=InstanceSettings.of(KIND, env), zone=ZoneInfo(env.time_zone))
