"""What the project decides, as data, and the models that check it.

Importing this package switches every library's telemetry off, so it has to come before they are imported.
"""

from config import privacy

privacy.switch_telemetry_off()
