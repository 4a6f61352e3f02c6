"""Is this tracing fit to be interpreted? `assess` tells, lead by lead and over all."""

from einthoven.signal.quality.gate import LeadQuality, Quality, assess, together

__all__ = ["LeadQuality", "Quality", "assess", "together"]
