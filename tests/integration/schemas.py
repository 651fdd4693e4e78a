# SPDX-License-Identifier: MIT
"""What is told, held against the schemas that are installed."""
import json
import os

import jsonschema


def check(kind, body):
    with open(os.path.join(os.environ['STRIDED_SCHEMAS'], kind + '.schema.json')) as f:
        jsonschema.Draft202012Validator(json.load(f)).validate(body)
