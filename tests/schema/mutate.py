#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Hold rendered payloads against their schemas, then break each in every way.

A schema that lets something wrong pass is worth nothing, so for each kind's full payload:
every key dropped, one added to every object, every number pushed out of any physical range on
both sides (and just past the schema's own bounds), every value's type changed, every word of a
fixed list replaced, and 0 put where 0 is impossible. Each of these must fail; the untouched
payload must pass.
"""
import copy
import json
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)

# Objects whose keys are not fixed: what may be added or dropped there is nobody's business here.
FREE = {("event", ("body",)), ("response", ("data",))}
MAPS = {("health", ("signal_dbm",))}
# Lists that may be shorter or longer.
LISTS = {("info", ("runners",)), ("info", ("sensors",)), ("health", ("unknown",)),
         ("health", ("problems",)), ("import", ("sessions",)), ("import", ("changed",))}
WORDS = {"clock", "state", "kind", "cadence_unit", "status", "verdict", "rule", "notify_at", "unit",
         "news", "evidence", "surface"}
NEVER_ZERO = {"heart_rate_bpm", "heart_rate_mean_bpm", "heart_rate_max_bpm", "pace_s_per_km",
              "step_length_m"}
# Without these the payload says nothing: null is not allowed.
NEVER_NULL = {
    "info": {"version", "machine", "runners", "sensors"},
    "health": {"clock", "signal_dbm", "unknown", "problems"},
    "sensor": {"name", "state"},
    "live": {"clock", "left_today", "source"},
    "session": {"id", "kind", "state", "zone_s", "source"},
    "week": {"t", "day", "notify_at", "measures", "walked"},
    "note": set(),
    "alert": {"rule", "verdict"},
    "notice": {"news", "alert"},
    "import": {"file", "hash", "verdict", "sessions", "changed"},
    "event": {"id", "at", "kind", "body"},
    "response": {"status"},
}


def leaves(kind, value, path=()):
    """Every (path, value) below, containers included."""
    yield path, value
    if (kind, path) in FREE:
        return
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(kind, item, path + (key,))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(kind, item, path + (index,))


def with_value(payload, path, value):
    changed = copy.deepcopy(payload)
    if not path:
        return value
    at = changed
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return changed


def without(payload, path):
    changed = copy.deepcopy(payload)
    at = changed
    for step in path[:-1]:
        at = at[step]
    del at[path[-1]]
    return changed


def schema_at(schema, path):
    for step in path:
        if isinstance(step, int):
            schema = schema["items"]
        elif step in schema.get("properties", {}):
            schema = schema["properties"][step]
        else:
            schema = schema["additionalProperties"]
    return schema


def other_types(value):
    candidates = [True, 7, 7.5, "x", [], {}, [1], {"a": 1}]
    if value is None:
        return []
    if isinstance(value, bool):
        return [c for c in candidates if not isinstance(c, bool)]
    if isinstance(value, (int, float)):
        return [c for c in candidates if isinstance(c, bool) or not isinstance(c, (int, float))]
    return [c for c in candidates if not isinstance(c, type(value))]


def of_numbers(kind, payload, schema, path, value):
    bounds = schema_at(schema, path)
    for wrong in (-1e15, 1e15, bounds["minimum"] - 0.01, bounds["maximum"] + 0.01,
                  bounds["minimum"] - 1, bounds["maximum"] + 1):
        yield f"{path} = {wrong}", with_value(payload, path, wrong)
    if isinstance(value, int):
        yield f"{path} not whole", with_value(payload, path, value + 0.5)
    if path[-1] in NEVER_ZERO:
        yield f"{path} = 0", with_value(payload, path, 0)


def of_objects(kind, payload, path, value):
    if (kind, path) in MAPS:
        yield f"{path} + bad name", with_value(payload, path, {**value, "No Name": -60})
        return
    yield f"{path} + key", with_value(payload, path, {**value, "surplus": None})
    for key in value:
        yield f"{path} - {key}", without(payload, path + (key,))


def of_lists(kind, payload, path, value):
    if (kind, path) in LISTS:
        yield f"{path} of null", with_value(payload, path, [None])
        yield f"{path} too long", with_value(payload, path, value[:1] * 1000)
    else:
        yield f"{path} longer", with_value(payload, path, value + value[:1])
        yield f"{path} shorter", with_value(payload, path, value[1:])


def mutations(kind, payload, schema):
    for path, value in leaves(kind, payload):
        for wrong in other_types(value):
            yield f"{path} = {wrong!r}", with_value(payload, path, wrong)
        if len(path) == 1 and path[0] in NEVER_NULL[kind]:
            yield f"{path} = null", with_value(payload, path, None)
        if (kind, path) in FREE:
            continue
        if isinstance(value, dict):
            yield from of_objects(kind, payload, path, value)
        elif isinstance(value, list):
            yield from of_lists(kind, payload, path, value)
        elif isinstance(value, str):
            yield f"{path} empty", with_value(payload, path, "")
            yield f"{path} endless", with_value(payload, path, "x" * 2000)
            if path[-1] in WORDS or path[0] == "source":
                yield f"{path} = nonsense", with_value(payload, path, "nonsense")
        elif isinstance(value, bool): # yes or no: a third is neither
            yield f"{path} = null", with_value(payload, path, None)
        elif isinstance(value, (int, float)):
            yield from of_numbers(kind, payload, schema, path, value)


def more_of_responses(samples):
    """An answer has data or an error, as its status says."""
    ok, error = samples["full"], samples["error"]
    yield "ok with error", {**ok, "error": error["error"]}
    yield "error with data", {**error, "data": {}}
    yield "error without error", {**error, "error": None}


def shape(value):
    """The key set, which must be the same whatever is known."""
    return {key: shape(item) for key, item in value.items()} if isinstance(value, dict) else None


def read_samples(program):
    samples = {}
    for line in subprocess.run([program], check=True, capture_output=True).stdout.splitlines():
        kind, label, text = line.decode("utf-8", errors="strict").split(" ", 2)
        samples.setdefault(kind, {})[label] = json.loads(text, parse_constant=lambda word: 1 / 0)
    return samples


def read_schema(folder, kind):
    with open(f"{folder}/{kind}.schema.json", encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    return schema


def undescribed(kind, schema, path=()):
    """Every key of every object says what it is."""
    for key, value in schema.get("properties", {}).items():
        if "description" not in value:
            yield f"{kind}: {path + (key,)} has no description"
        yield from undescribed(kind, value, path + (key,))


def nothing_left_out(kind, payload, failures):
    for path, value in leaves(kind, payload):
        if value is None and path != ("error",) and path[:2] != ("unknown", 1):
            failures.append(f"{kind}: {path} is not known in the full sample, so it is not tested")


def main():
    samples = read_samples(sys.argv[1])
    failures, count, zeros = [], 0, set()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[2], folder], check=True)
        schemas = {kind: read_schema(folder, kind) for kind in NEVER_NULL}
    if set(samples) != set(NEVER_NULL):
        failures.append(f"kinds: {sorted(samples)}")
    for kind, by_label in samples.items():
        validator = jsonschema.Draft202012Validator(schemas[kind])
        for label, payload in by_label.items():
            failures += [f"{kind} {label}: {e.message}" for e in validator.iter_errors(payload)]
            if kind not in ("event", "response", "health") and \
                    shape(payload) != shape(by_label["full"]):
                failures.append(f"{kind} {label}: other keys than the full one")
        failures += undescribed(kind, schemas[kind])
        nothing_left_out(kind, by_label["full"], failures)
        wrong = list(mutations(kind, by_label["full"], schemas[kind]))
        if kind == "response":
            wrong += more_of_responses(by_label)
            wrong += mutations(kind, by_label["error"], schemas[kind])
        for what, payload in wrong:
            count += 1
            if validator.is_valid(payload):
                failures.append(f"{kind}: passes with {what}")
            if what.endswith("= 0"):
                zeros.add(what)
        print(f"{kind}: {len(by_label)} payloads, {len(wrong)} mutations")
    if len(zeros) != len(NEVER_ZERO):
        failures.append(f"zeros tried: {sorted(zeros)}")
    print("\n".join(failures) or f"all {count} mutations were caught")
    return 1 if failures or count < 500 else 0


if __name__ == "__main__":
    sys.exit(main())
