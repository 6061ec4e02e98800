"""The demo city: data, and the world outside as small services. Nothing in haihe imports it except the commands that start it."""
