"""Java libraries, with all that they need, by Maven; and a JDK that is new enough."""

import os
import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>varsigma</groupId>
  <artifactId>{name}</artifactId>
  <version>1</version>
  <dependencies>{dependencies}</dependencies>
</project>
"""
DEPENDENCY = """
    <dependency>
      <groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version><type>{}</type>
    </dependency>"""


def jars(name, *coordinates):
    """The folder below target/engines that holds the libraries, `group:artifact:version[:type]`.

    LookupError: Maven is not installed, or does not get them.
    """
    home = ROOT / "target" / "engines" / name
    folder = home / "jars"
    parts = [(*coordinate.split(":"), "jar")[:4] for coordinate in coordinates]
    pom = POM.format(name=name, dependencies="".join(DEPENDENCY.format(*part) for part in parts))
    done = home / "pom.xml"
    if done.is_file() and folder.is_dir() and done.read_text("utf-8") == pom:
        return folder
    if not shutil.which("mvn"):
        raise LookupError("Maven is not installed")
    shutil.rmtree(folder, ignore_errors=True)
    home.mkdir(parents=True, exist_ok=True)
    asked = home / "asked.xml"
    asked.write_text(pom, "utf-8")
    command = ["mvn", "-q", "-B", "-f", asked, "dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    except subprocess.TimeoutExpired as late:
        raise LookupError(f"Maven does not get {', '.join(coordinates)} in time") from late
    if ran.returncode:
        raise LookupError(f"Maven gets no {', '.join(coordinates)}: {(ran.stdout + ran.stderr)[:400]}")
    # Last, as it says that all is there.
    asked.rename(done)
    return folder


def jdk(least):
    """The home of a JDK of this version or a newer one: JAVA_HOME, the one on PATH, the system's.

    LookupError: there is none.
    """
    on_path = shutil.which("javac")
    homes = [os.environ.get("JAVA_HOME"), on_path and pathlib.Path(on_path).resolve().parent.parent]
    for home in [*homes, *sorted(pathlib.Path("/usr/lib/jvm").glob("*"))]:
        javac = home and pathlib.Path(home) / "bin" / "javac"
        if not javac or not javac.is_file():
            continue
        said = subprocess.run([javac, "-version"], capture_output=True, text=True, check=False)
        version = re.search(r"(\d+)", said.stdout + said.stderr)
        if version and int(version[1]) >= least:
            return pathlib.Path(home)
    raise LookupError(f"there is no JDK {least} or newer")
