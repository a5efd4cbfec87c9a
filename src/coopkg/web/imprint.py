"""Who publishes this site, as the law wants it said; and that nobody publishes it without saying so.

Source: loi n° 2004-575 du 21 juin 2004 pour la confiance dans l'économie numérique, on who edits and who hosts a site.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass, fields
from typing import Self

from coopkg.errors import SettingsError
from coopkg.settings import Settings, env_name


@dataclass(frozen=True, slots=True)
class Imprint:
    """Who publishes a site and who hosts it, by the settings of the same names; "" where it is not said."""

    publisher_name: str
    publisher_address: str
    publisher_phone: str
    publication_director: str
    contact_url: str
    hosting_name: str
    hosting_address: str
    hosting_phone: str

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return what some settings say."""
        return cls(**{one.name: getattr(settings, one.name) for one in fields(cls)})

    @property
    def missing(self) -> list[str]:
        """The settings that say nothing."""
        return [one.name for one in fields(self) if not getattr(self, one.name)]

    @property
    def is_whole(self) -> bool:
        """Whether all is said: a site that listens beyond its machine is then a published one."""
        return not self.missing


def refuse_unsigned(settings: Settings) -> None:
    """Raise when a site would be published without saying by whom.

    Raises:
        SettingsError: names every setting that is missing, and the way out for a trial.
    """
    missing = Imprint.of(settings).missing
    if not missing or settings.imprint == "optional" or _is_of_this_machine(settings.host):
        return
    raise SettingsError(
        f"host {settings.host!r} lets others read this site, and it does not say who publishes it; give "
        f"{', '.join(f'{name} ({env_name(name)})' for name in missing)}, listen on 127.0.0.1, or, for a trial that "
        f"only you can reach, say {env_name('imprint')}=optional; see docs/settings.md#imprint"
    )


def _is_of_this_machine(host: str) -> bool:
    """Return whether each address that a host stands for is of the machine alone; a name of nothing stands for none."""
    try:
        found = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return True  # it cannot be listened on either, and the server says so
    return all(ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback for *_, address in found)
