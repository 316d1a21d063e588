"""What other slices ask of registrations."""

from shared_identity.registrations.closing import close, leave_again, walk_in
from shared_identity.registrations.listing import attended as present
from shared_identity.registrations.listing import has_own as has_registrants
from shared_identity.registrations.office import PresentAt

__all__ = ["PresentAt", "close", "has_registrants", "leave_again", "present", "walk_in"]
