"""Run as `python -IS init.py <server's pid> <namespaces|watch> <name=value…> -- <command…>`, before every command.

The work is in `container/isolation/`; this file is small because it is compiled at each start.
"""

import os
import sys

sys.path.append(__file__.rsplit("/", 3)[0])


def main() -> int:
    """Runs the command and returns its exit code."""
    server, module, *words = sys.argv[1:]
    border = words.index("--")
    options = dict(word.split("=", 1) for word in words[:border])
    if module == "namespaces":
        from sagemaker_local.container.isolation.namespaces import run
    else:
        from sagemaker_local.container.isolation.watch import run
    try:
        return run(int(server), options, words[border + 1 :])
    except OSError as error:
        os.write(2, f"SageMaker local: {error.strerror} {error.filename or ''}\n".encode())
        return 1


if __name__ == "__main__":
    os._exit(main())  # there is nothing to clean up, and the usual exit takes 2 ms
