#!/usr/bin/env python3
"""Holds the tree against the rules of the house: banned calls, layers, road map, sizes, form."""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# call -> what to use instead
BANNED = {
    "strcpy": "yw_copy", "strcat": "yw_buf", "sprintf": "snprintf", "vsprintf": "vsnprintf", "gets": "nothing",
    "atoi": "yw_parse_i64", "atol": "yw_parse_i64", "atof": "yw_parse_f64", "strtol": "yw_parse_i64",
    "strtoul": "yw_parse_u64", "strtoll": "yw_parse_i64", "strtoull": "yw_parse_u64", "strtod": "yw_parse_f64",
    "strtok": "a cursor", "gmtime": "yw_time_to_civil", "localtime": "yw_time_to_civil", "mktime": "yw_time_from_civil",
    "alloca": "yw_arena",
}
# These may serve a test or a benchmark, never the program.
BANNED_IN_PROGRAM = {"scanf": "yw_parse_*", "sscanf": "yw_parse_*", "system": "posix_spawn", "popen": "posix_spawn"}
# A folder may include headers of its own layer's named neighbours and of lower layers.
LAYER = {
    "base": 0, "hj212": 0,
    "gaps": 1,
    "command": 1,
    "judge": 1, "alarm": 1, "report": 1, "plant": 1,
    "journal": 2, "register": 2, "store": 2, "judged": 2,
    "gateway": 3, "pipeline": 3, "plants": 3, "supervisor": 3, "courier": 3, "probe": 3,
    "web": 4, "cli": 4,
}
# What a folder may include of its own layer, and why.
SAME_LAYER = {
    ("alarm", "judge"), ("report", "judge"),  # its words
    ("judged", "register"), ("judged", "store"),  # the site of an outlet, and its records
    ("web", "pipeline"), ("web", "gateway"),  # their published counters
    ("pipeline", "gateway"),
    ("supervisor", "gateway"),  # the broker's messages
    ("cli", "web"),  # admin and import open the same accounts and acts journal when serve is not running
    ("cli", "plants"), ("cli", "pipeline"), ("cli", "gateway"),
}
SILENT_LAYERS = (0, 1, 2)  # nothing here prints, logs or exits
LOUD = re.compile(r"\b(printf|puts|putchar|perror|exit|_exit|yw_log)\s*\(")
SILENT_EXCEPT = {"src/base/log.c", "src/base/options.c", "src/base/base.h"}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def tracked():
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True)
    return sorted(set(f for f in out.stdout.splitlines() if os.path.isfile(os.path.join(ROOT, f))))


def strip_comments(text):
    """Comments and strings become blanks; line numbers stay."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), text)


def check_c(name, text, complain):
    code = strip_comments(text)
    banned = dict(BANNED)
    if name.startswith(("src/", "include/", "examples/")):
        banned.update(BANNED_IN_PROGRAM)
    for number, line in enumerate(code.splitlines(), 1):
        for call, instead in banned.items():
            if re.search(r"(?<![\w.>])%s\s*\(" % call, line):
                complain(f"{name}:{number}: {call} is not used here; take {instead}")
    parts = name.split("/")
    if parts[0] != "src":
        return
    folder = parts[1]
    if folder not in LAYER:
        complain(f"{name}: the folder src/{folder} has no layer in scripts/check.py")
        return
    for number, line in enumerate(text.splitlines(), 1):
        m = re.match(r'\s*#include "(\w+)/', line)
        other = m.group(1) if m else None
        if other in LAYER and other != folder and (folder, other) not in SAME_LAYER:
            if LAYER[other] > LAYER[folder] or (LAYER[other] == LAYER[folder] >= 3):
                complain(f"{name}:{number}: src/{folder} (layer {LAYER[folder]}) may not include src/{other} (layer {LAYER[other]})")
    if folder == "hj212":
        for number, line in enumerate(text.splitlines(), 1):
            if re.match(r'\s*#include "(?!hj212)', line) and "/" in line:
                complain(f"{name}:{number}: libhj212 depends on nothing")
    if LAYER[folder] in SILENT_LAYERS and name not in SILENT_EXCEPT:
        for number, line in enumerate(code.splitlines(), 1):
            if LOUD.search(line):
                complain(f"{name}:{number}: nothing below layer 3 prints, logs or exits")


def check_roadmap(files, complain):
    path = os.path.join(ROOT, "docs/roadmap.md")
    text = open(path, encoding="utf-8").read() if os.path.exists(path) else ""
    named = set(re.findall(r"`([\w./-]+)`", text))
    wanted = {f for f in files if re.match(r"(src|include|fuzz|bench|tests|scripts|pages/src|examples)/.*\.(c|h|py|sh|ts|vue|mjs|js|css)$", f)}
    for f in sorted(wanted - named):
        complain(f"docs/roadmap.md: {f} is missing")
    for f in sorted(n for n in named if re.match(r"(src|include|fuzz|bench|tests|scripts|pages|examples)/", n)):
        if not os.path.exists(os.path.join(ROOT, f)):
            complain(f"docs/roadmap.md: {f} does not exist")


def main():
    problems = []
    files = tracked()
    for name in files:
        if name.startswith(("pages/node_modules/", "fuzz/seeds/")):
            continue
        path = os.path.join(ROOT, name)
        if os.path.getsize(path) > 2 << 20 and not name.startswith("docs/img/"):
            problems.append(f"{name}: larger than 2 MiB")
        try:
            text = open(path, encoding="utf-8", newline="").read()
        except UnicodeDecodeError:
            continue
        source = re.search(r"\.(c|h|py|ts|vue|mjs|sh|css)$", name)
        if source and name != "scripts/check.py":
            for number, line in enumerate(text.splitlines(), 1):
                if UNFINISHED.search(line):
                    problems.append(f"{name}:{number}: unfinished by its own words")
            if re.search(r"[ \t]+$", text, re.M):
                problems.append(f"{name}: blanks at the end of a line")
        if source and "\r\n" in text:
            problems.append(f"{name}: CR LF line ends")
        if name.endswith((".c", ".h")):
            check_c(name, text, problems.append)
            if len(text.splitlines()) > 800:
                problems.append(f"{name}: more than 800 lines; is it one thought?")
    check_roadmap(files, problems.append)
    c_files = [f for f in files if f.endswith((".c", ".h"))]
    form = subprocess.run(["clang-format", "--dry-run", "-Werror", *c_files], cwd=ROOT, capture_output=True, text=True)
    if form.returncode:
        first = [l for l in form.stderr.splitlines() if "error:" in l]
        problems += sorted({l.split(":")[0] + ": not formatted (clang-format -i)" for l in first})
    for p in problems:
        print(p)
    print(f"{len(files)} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
