"""What the surroundings tell this process, read once."""

from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator
from servicekit.settings import Environment, InstanceSettings, read

KIND = "coworking"


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError("must name a time zone, like Europe/Paris") from error
    return name


class CoworkingEnvironment(Environment):
    """The variables as they are written; `GROUPEMENT_TIME_ZONE` is where the structure's months begin and end.

    Each place has a time zone of its own, which its opening hours and bookings follow.
    """

    time_zone: Annotated[str, AfterValidator(_time_zone)] = "Europe/Paris"


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings of a coworking."""

    instance: InstanceSettings
    zone: ZoneInfo


def read_config() -> Config:
    """The settings; raises SettingRefused naming the variable at fault."""
    env = read(CoworkingEnvironment)
    return Config(instance=InstanceSettings.of(KIND, env), zone=ZoneInfo(env.time_zone))
