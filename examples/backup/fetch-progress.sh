#!/bin/sh
# Fetches the progress bar's header, barkeep.h (Apache-2.0), into
# DIR/barkeep/: `fetch-progress.sh DIR`. Nothing is done where it lies there
# already and is the right one.
#
# It is published inside a Python source package. Before pip hands one over
# it asks the package's build system for its name and version, and so would
# first build half of it; only one file is wanted, so a stand-in answers.
set -eu

version=0.1.6
package_sha256=2d742d1608861a39040ebddf645fcc7c948f8429651e850b31942ac54b9f1eb7
header_sha256=0e4b5b9171942a97680f1c425538de4983df4ec73a1888f253f3ab69689ab16b

[ $# = 1 ] || { echo "usage: fetch-progress.sh DIR" >&2; exit 2; }
header=$1/barkeep/barkeep.h

right() { echo "$header_sha256  $1" | sha256sum --check --status 2>/dev/null; }
[ ! -f "$header" ] || ! right "$header" || exit 0

for tool in python3 tar sha256sum; do
    command -v "$tool" >/dev/null || { echo "fetch-progress: $tool is needed" >&2; exit 1; }
done
python3 -m pip --version >/dev/null 2>&1 || {
    echo "fetch-progress: pip is needed (Debian, Ubuntu: python3-pip)" >&2
    exit 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/mesonpy.py" <<STANDIN
import os


def prepare_metadata_for_build_wheel(directory, config_settings=None):
    name = "barkeep-$version.dist-info"
    os.mkdir(os.path.join(directory, name))
    with open(os.path.join(directory, name, "METADATA"), "w") as file:
        file.write("Metadata-Version: 2.1\nName: barkeep\nVersion: $version\n")
    return name
STANDIN
echo "barkeep==$version --hash=sha256:$package_sha256" >"$work/requirements"
PYTHONPATH=$work python3 -m pip download --quiet --disable-pip-version-check \
    --no-build-isolation --no-deps --no-binary barkeep --require-hashes \
    --dest "$work" --requirement "$work/requirements"
tar -xzf "$work/barkeep-$version.tar.gz" -C "$work"

fetched=$work/barkeep-$version/barkeep/barkeep.h
right "$fetched" || { echo "fetch-progress: barkeep.h is not the expected one" >&2; exit 1; }
mkdir -p "$1/barkeep"
cp "$work/barkeep-$version/LICENSE" "$1/barkeep/"
# Into place at once: two configurations may share a directory.
cp "$fetched" "$header.$$"
mv "$header.$$" "$header"
echo "fetched barkeep $version"
