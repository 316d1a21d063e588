"""Money: integer cents and a currency, never a float."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Money:
    """An exact amount, in hundredths of the currency's unit (ISO 4217)."""

    cents: int
    currency: str = "EUR"

    def times(self, number: int) -> "Money":
        """So many times this amount."""
        return Money(cents=self.cents * number, currency=self.currency)

    def nothing(self) -> "Money":
        """No money at all, in the same currency."""
        return self.times(0)
