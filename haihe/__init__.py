"""Haihe: open, self-hosted software with which a city goes cashless."""
