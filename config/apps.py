from django.apps import AppConfig


class WiringConfig(AppConfig):
    """Wires events and slots once all applications are ready."""

    name = "config"

    def ready(self) -> None:
        from config.wiring import wire

        wire()
