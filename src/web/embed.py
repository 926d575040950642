"""Turns files into a C table: embed.py OUT.c FALLBACK.html OPENAPI.yaml PAGES_DIST

The pages are what their build left in PAGES_DIST; without it, FALLBACK.html alone, which says how to build them.
Files lie as .incbin, so that the compiler need not read megabytes of numbers; text is there packed as well."""
import gzip
import hashlib
import os
import sys

TYPES = {
    '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8',
    '.json': 'application/json', '.svg': 'image/svg+xml', '.png': 'image/png', '.ico': 'image/x-icon',
    '.woff2': 'font/woff2', '.woff': 'font/woff', '.ttf': 'font/ttf', '.txt': 'text/plain; charset=utf-8',
    '.yaml': 'application/yaml; charset=utf-8', '.webmanifest': 'application/manifest+json', '.map': 'application/json',
    '.wasm': 'application/wasm', '.jpg': 'image/jpeg', '.webp': 'image/webp',
}
PACKED = {'.html', '.js', '.css', '.json', '.svg', '.txt', '.yaml', '.ttf', '.wasm'}


def collect(fallback, openapi, dist):
    files = []
    if os.path.isfile(os.path.join(dist, 'index.html')):
        for folder, folders, names in os.walk(dist):
            folders.sort()
            for name in sorted(names):
                path = os.path.join(folder, name)
                files.append(('/' + os.path.relpath(path, dist).replace(os.sep, '/'), path))
    else:
        files.append(('/index.html', fallback))
    files.append(('/api/openapi.yaml', openapi))
    return files


def incbin(name, path):
    return ('__asm__(".section .rodata\\n.balign 16\\n{0}:\\n.incbin \\"{1}\\"\\n{0}_end:\\n.byte 0\\n.previous\\n");\n'
            'extern const unsigned char {0}[], {0}_end[];\n').format(name, path.replace('\\', '\\\\').replace('"', '\\"'))


def digest(files):
    h = hashlib.sha256(open(__file__, 'rb').read())
    for url, path in files:
        h.update(url.encode() + b'\0')
        with open(path, 'rb') as f:
            h.update(hashlib.sha256(f.read()).digest())
    return h.hexdigest()


def main():
    out, fallback, openapi, dist = sys.argv[1:5]
    files = [(url, os.path.abspath(path)) for url, path in collect(fallback, openapi, dist)]
    head = '/* ' + digest(files) + ' */\n#include "web/web_int.h"\n\n'
    if os.path.exists(out):
        with open(out) as f:
            if f.read(len(head)) == head:
                return  # nothing changed: what depends on it need not be built again
    packed_folder = out + '.gz'
    os.makedirs(packed_folder, exist_ok=True)
    text, rows = [], []
    for i, (url, path) in enumerate(files):
        ending = os.path.splitext(path)[1].lower()
        name = 'yw_file_%d' % i
        text.append(incbin(name, path))
        gz, gz_size = 'NULL', 0
        if ending in PACKED and os.path.getsize(path) > 1000:
            with open(path, 'rb') as f:
                data = gzip.compress(f.read(), 9, mtime=0)
            target = os.path.abspath(os.path.join(packed_folder, '%d.gz' % i))
            with open(target, 'wb') as f:
                f.write(data)
            text.append(incbin(name + '_gz', target))
            gz, gz_size = name + '_gz', len(data)
        rows.append('    {"%s", "%s", %s, %s, %d, %d},\n'
                    % (url, TYPES.get(ending, 'application/octet-stream'), name, gz, os.path.getsize(path), gz_size))
    with open(out, 'w') as f:
        f.write(head + ''.join(text))
        f.write('const struct yw_embedded yw_embedded[] = {\n' + ''.join(rows) + '};\n')
        f.write('const size_t yw_embedded_count = %d;\n' % len(rows))


main()
