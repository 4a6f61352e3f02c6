"""Is this tracing fit to be interpreted? `assess` tells, lead by lead and over all."""

from einthoven.signal.quality.gate import LeadQuality, Quality, assess, overall_quality

__all__ = ["LeadQuality", "Quality", "assess", "overall_quality"]
