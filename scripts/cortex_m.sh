#!/usr/bin/env bash
# Builds libhj212 for a Cortex-M4 and tells what it costs: code, data, stack.   scripts/cortex_m.sh [CC]
#
# Fails where the library needs anything but string.h (and the compiler's own arithmetic), or outgrows the limits
# below. Stack: the deepest path through the call graph; what memcpy and its like use is not in it.
set -euo pipefail
cd "$(dirname "$0")/.."
cc=${1:-arm-none-eabi-gcc}
command -v "$cc" >/dev/null || { echo "$cc is not installed (package gcc-arm-none-eabi)" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/encoder.c" <<'END'
#include "hj212.h"
void entry(const hj212_message *m, const hj212_packet *p, void *out, size_t size, hj212_decimal v);
void entry(const hj212_message *m, const hj212_packet *p, void *out, size_t size, hj212_decimal v) {
    hj212_writer w;
    hj212_writer_init(&w, out, size);
    hj212_put(&w, "a21026", "Flag", "N");
    hj212_put_decimal(&w, "a21026", "Avg", v);
    hj212_encode(m, out, size);
    hj212_encode_ack(p, out, size);
}
END
cat >"$work/both.c" <<'END'
#include "hj212.h"
void entry(const hj212_message *m, hj212_packet *p, const void *in, void *out, size_t size, hj212_value *v);
void entry(const hj212_message *m, hj212_packet *p, const void *in, void *out, size_t size, hj212_value *v) {
    hj212_options o = {.keys = in, .key_count = 1, .plain = out};
    hj212_decode(&o, in, size, p);
    hj212_values(p->cp, v, 8);
    hj212_encode(m, out, size);
    hj212_encode_ack(p, out, size);
}
END

flags=(-std=c17 -mcpu=cortex-m4 -mthumb -Os -ffreestanding -ffunction-sections -fdata-sections -Wall -Wextra -Werror
  -Iinclude -Isrc)

# string.h, and the arithmetic on 64 bits that compilers call
allowed='mem(cpy|move|set|cmp|chr)|str(len|cmp)|__aeabi_u?ldivmod|__ctzdi2|__popcountdi2'

# build LIMIT: objects, undefined symbols, linked sizes and the call graph for one longest data segment.
build() {
  local limit=$1 folder=$work/$1 source name
  mkdir -p "$folder/lib"
  for source in src/hj212/*.c; do
    name=$(basename "$source" .c)
    "$cc" "${flags[@]}" -fcallgraph-info=su "-DHJ212_LEN_LIMIT=$limit" -c "$source" -o "$folder/lib/$name.o"
  done
  "$cc" -mcpu=cortex-m4 -mthumb -nostdlib -r -o "$folder/whole.o" "$folder"/lib/*.o
  arm-none-eabi-nm -u "$folder/whole.o" | awk '{print $2}' | grep -vxE "$allowed" >"$folder/foreign" &&
    { echo "libhj212 needs more than string.h: $(tr '\n' ' ' <"$folder/foreign")" >&2; exit 1; }
  for name in encoder both; do
    "$cc" "${flags[@]}" "-DHJ212_LEN_LIMIT=$limit" -c "$work/$name.c" -o "$folder/$name.o"
    "$cc" -mcpu=cortex-m4 -mthumb --specs=nano.specs -nostartfiles -Wl,--gc-sections,-e,entry -o "$folder/$name.elf" \
      "$folder/$name.o" "$folder"/lib/*.o
  done
}

for limit in 1024 9999; do build "$limit"; done

python3 - "$work" <<'END'
import glob, re, subprocess, sys

work = sys.argv[1]
PUBLIC = ["hj212_decode", "hj212_values", "hj212_next", "hj212_cp_field", "hj212_encode", "hj212_encode_ack",
          "hj212_put_decimal", "hj212_sm4", "hj212_crc"]
# what the sizes may not exceed: linked bytes, and stack with data segments of 1024 bytes
MOST = {"encoder": 6 << 10, "both": 36 << 10, "stack": 4 << 10, "data": 64}
wrong = []


def depth(limit):
    own, calls = {}, {}
    for path in glob.glob(f"{work}/{limit}/lib/*.ci"):
        text = open(path).read()
        for title, label in re.findall(r'node: { title: "([^"]+)" label: "([^"]*)"', text):
            used = re.search(r"(\d+) bytes \((\w+)", label)
            if used:
                own[title] = int(used.group(1))
                if used.group(2) == "dynamic":
                    wrong.append(f"{title}: stack of unknown size")
        for source, target in re.findall(r'edge: { sourcename: "([^"]+)" targetname: "([^"]+)"', text):
            # the one pointer that is called: the engine that finds separators, here always the portable one
            calls.setdefault(source, set()).add("hj_index_portable" if target == "__indirect_call" else target)

    def down(name, path):
        if name in path:
            wrong.append(f"recursion: {' '.join(path)} {name}")
            return 0, []
        deepest = max((down(c, path + [name]) for c in calls.get(name, ())), default=(0, []))
        return own.get(name, 0) + deepest[0], [name] + deepest[1]

    return {f: down(f, []) for f in PUBLIC if f in own}


print("Cortex-M4, -Os, linked with newlib-nano's string functions")
print(f"{'':34}{'text':>8}{'data':>8}{'bss':>8}")
for limit in (1024, 9999):
    for name, what in (("encoder", "encoder, writer"), ("both", "decoder, values, encoder, SM4")):
        out = subprocess.check_output(["arm-none-eabi-size", f"{work}/{limit}/{name}.elf"], text=True)
        text, data, bss = (int(v) for v in out.splitlines()[1].split()[:3])
        if limit == 1024:
            print(f"{what:34}{text:8}{data:8}{bss:8}")
        if text > MOST[name] or data + bss > MOST["data"]:
            wrong.append(f"{what}: {text} bytes of code, {data + bss} of data; at most {MOST[name]} and {MOST['data']}")
small, large = depth(1024), depth(9999)
if not small or "hj212_decode" not in small:
    wrong.append("no call graph")
print(f"\n{'greatest stack, bytes':34}{'1024':>8}{'9999':>8}  (longest data segment, HJ212_LEN_LIMIT)")
for f in PUBLIC:
    if f not in small:
        wrong.append(f"{f}: not in the call graph")
        continue
    print(f"{f:34}{small[f][0]:8}{large[f][0]:8}  {' > '.join(c.split(':')[-1] for c in small[f][1][1:5])}")
    if small[f][0] > MOST["stack"]:
        wrong.append(f"{f}: {small[f][0]} bytes of stack, at most {MOST['stack']}")
for w in wrong:
    print(w, file=sys.stderr)
sys.exit(1 if wrong else 0)
END
