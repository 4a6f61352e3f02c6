"""Ask the service in this container whether it is ready; exit with 1 if it is not."""

import sys
from urllib.request import urlopen

try:
    urlopen("http://127.0.0.1:8000/ready", timeout=5).close()
except OSError as error:
    sys.exit(f"not ready: {error}")
