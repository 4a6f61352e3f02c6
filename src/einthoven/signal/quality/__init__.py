"""Signal quality: whether a signal is fit to be interpreted, lead by lead and overall."""

from einthoven.signal.quality.gate import LeadQuality, Quality, assess, overall_quality

__all__ = ["LeadQuality", "Quality", "assess", "overall_quality"]
