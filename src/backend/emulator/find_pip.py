"""Finds pip for a Python that has none installed, and prints where: in the wheel that Python keeps
for its ensurepip, or in one that is fetched from the index, if its hash is among those given.

Arguments: a directory for the wheel, the file name of the wheel, its hashes.
"""
import configparser
import glob
import hashlib
import html.parser
import os
import sys
import sysconfig
import urllib.parse
import urllib.request

directory, name, hashes = sys.argv[1], sys.argv[2], sys.argv[3:]


def kept_for_ensurepip():
    places = [sysconfig.get_config_var("WHEEL_PKG_DIR"), "/usr/share/python-wheels"]
    try:
        import ensurepip

        places.append(os.path.join(os.path.dirname(ensurepip.__file__), "_bundled"))
    except ImportError:
        pass
    for place in filter(None, places):
        yield from glob.glob(os.path.join(place, "pip-*.whl"))


def index():
    home = os.path.expanduser("~")
    files = ["/etc/pip.conf", home + "/.pip/pip.conf", home + "/.config/pip/pip.conf"]
    parser = configparser.RawConfigParser()
    try:
        parser.read(files + [os.environ.get("PIP_CONFIG_FILE", os.devnull)])
    except (configparser.Error, UnicodeDecodeError):
        pass
    configured = parser.get("global", "index-url", fallback="https://pypi.org/simple")
    return (os.environ.get("PIP_INDEX_URL") or configured).rstrip("/")


class Links(html.parser.HTMLParser):
    found = None

    def handle_starttag(self, tag, attributes):
        href = dict(attributes).get("href") or ""
        if tag == "a" and urllib.parse.urlparse(href).path.endswith("/" + name):
            self.found = href


def fetched():
    page = index() + "/pip/"
    request = urllib.request.Request(page, headers={"Accept": "text/html"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        links = Links()
        links.feed(answer.read().decode())
        page = answer.geturl()
    if not links.found:
        sys.exit("%s is not among the files of %s" % (name, page))
    with urllib.request.urlopen(urllib.parse.urljoin(page, links.found), timeout=30) as answer:
        content = answer.read()
    if hashlib.sha256(content).hexdigest() not in hashes:
        sys.exit("%s from %s has another hash than the one that is pinned" % (name, page))
    path = os.path.join(directory, name)
    with open(path, "wb") as file:
        file.write(content)
    return path


try:
    print(next(kept_for_ensurepip(), None) or fetched())
except OSError as error:
    sys.exit("pip cannot be fetched: %s" % error)
