"""Numbers as people read them."""


def percent(share: float) -> str:
    """Whole percents, but never 0 % or 100 %, which no model knows."""
    if share < 0.01:
        return "<1 %"
    return ">99 %" if share > 0.99 else f"{100 * share:.0f} %"


def seconds(seconds: float) -> str:
    """A time or a duration."""
    if seconds < 120:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d} h" if hours else f"{minutes}:{rest:02d} min"
