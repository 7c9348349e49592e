"""What metrics of absorption find where the truth is known."""

from saecore.claims.absorption_metric.headline import study

__all__ = ["study"]
