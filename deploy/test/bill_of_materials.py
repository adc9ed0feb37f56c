"""Whether a bill of materials is valid CycloneDX, and lists what the image holds: bill_of_materials.py BILL ROOT"""

import json
import pathlib
import sys


def main(bill: str, root: str) -> None:
    document = json.loads(pathlib.Path(bill).read_text())
    assert document["bomFormat"] == "CycloneDX" and document["specVersion"] == "1.5"
    components = document["components"]
    names = {component["name"] for component in components}
    references = [component["bom-ref"] for component in components]
    assert len(references) == len(set(references)), "a component stands there twice"
    for component in components:
        assert component["purl"].startswith("pkg:") and component["version"], component
    packages = {path.name for path in pathlib.Path(root, "var/lib/dpkg/status.d").iterdir()}
    assert packages and packages <= names, packages - names
    assert {"swift-nio", "libc6"} <= names, names
    for package in packages:
        assert pathlib.Path(root, "usr/share/doc", package, "copyright").exists(), f"{package} has no licence"
    # Every library belongs to something that is listed.
    libraries = {path.name for path in pathlib.Path(root, "usr/lib").rglob("*.so*") if path.is_file() and not path.is_symlink()}
    assert libraries
    assert ("lib_lightgbm.so" in libraries) == ("lightgbm" in names)
    print(f"  --  {len(packages)} Debian packages, {len(components) - len(packages)} others, {len(libraries)} libraries")


if __name__ == "__main__":
    main(*sys.argv[1:])
