"""The environment of the whole suite, set before settings are read (loaded by `-p tests.props.environment`)."""

import os
import sys

if not os.environ.get("DATABASE_URL"):
    sys.exit(
        "The tests need PostgreSQL. Run script/test, or: "
        "python -m demo.embedded run --name test --throwaway -- python -m pytest"
    )

for _name in [name for name in os.environ if name.startswith("PROVIDER_ACCOUNT_")]:
    del os.environ[_name]

# Made-up keys: the canaries that tests look for in pages, logs and dumps.
os.environ |= {
    "SECRET_KEY": "test-only-secret-key-canary-0123456789-0123456789",
    "SECOND_FACTOR_KEY": "test-only-second-factor-canary-0123456789-0123456789",
    "PROVIDER_ACCOUNT_TREASURY": "zoomex+http://canary-api-key:canary-api-secret@127.0.0.1:9",
    "PROVIDER_ACCOUNT_MERCHANT": "swapspace+http://100105:canary-access-key@127.0.0.1:9",
    "ENV_FILE": os.devnull,
    "WITNESS_URL": "file:/dev/null/nowhere",  # each test that needs one brings its own
    "HTTPS_ONLY": "on",
    "DEBUG": "off",
    "DEMO": "off",
    "APPROVALS_REQUIRED": "2",
    "SITE_URL": "",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
    "EMAIL_URL": "memorymail://",
    "TRUSTED_PROXIES": "0",
    "TIME_ZONE": "UTC",
}
