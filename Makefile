# make run    archives sources.txt into archive/          make test   runs the tests
# make demo   shows the whole thing offline, on a loopback internet of its own
# make lint   ruff, mypy                                   make bench  measures against the peers
# make contract   what the installed yt-dlp finds in the tests' own internet, and what ends it (half a minute)
# make fuzz   documents that nobody wrote, for ten minutes (FUZZ_SECONDS)
# make corpus the documents by which extraction is scored, anew: needs pandoc, LibreOffice, Chromium, DejaVu fonts
# make sweep  every byte of an archive flipped, long kill sweeps (minutes)
.PHONY: run test contract demo lint bench sweep corpus fuzz lock clean

PYTHON ?= python3
PIP = .venv/bin/pip --disable-pip-version-check --quiet
CORES = 2

run: .venv/run
	.venv/bin/preserve run

test: .venv/dev
	.venv/bin/python -m pytest -n $(CORES)

contract: .venv/dev
	SWEEP=1 .venv/bin/python -m pytest tests/universe/test_films_themselves.py tests/universe/test_films_process.py

demo: .venv/dev
	.venv/bin/python -m tests.demo

lint: .venv/dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

sweep: .venv/dev
	SWEEP=1 .venv/bin/python -m pytest -n $(CORES)

bench: .venv/dev .venv/peers
	PATH="$(CURDIR)/.venv/peers/bin:$$PATH" .venv/bin/python -m bench

# Everything comes from the lock files, by hash; the project itself is linked in, so an edit needs no new install.
.venv/python:
	$(PYTHON) -m venv .venv
	touch $@

.venv/run: .venv/python requirements.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps -e .
	touch $@

.venv/dev: .venv/run requirements-dev.lock
	$(PIP) install --require-hashes -r requirements-dev.lock
	touch $@

# The peers live apart: they pin older versions of what we use.
.venv/peers: .venv/python
	$(PYTHON) -m venv .venv/peers
	.venv/peers/bin/pip --disable-pip-version-check --quiet install warcio requests warcprox

corpus: .venv/corpus
	.venv/corpus/bin/python -m bench.corpus.build

.venv/corpus: .venv/python
	$(PYTHON) -m venv .venv/corpus
	.venv/corpus/bin/pip --disable-pip-version-check --quiet install python-docx openpyxl XlsxWriter python-pptx \
		reportlab odfpy nbformat feedgen warcio

FUZZ_SECONDS ?= 600
fuzz: .venv/fuzz
	mkdir -p build/fuzz/corpus
	.venv/fuzz/bin/python -m fuzz.documents build/fuzz/corpus -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=build/fuzz/

.venv/fuzz: .venv/python requirements.lock
	$(PYTHON) -m venv .venv/fuzz
	.venv/fuzz/bin/pip --disable-pip-version-check --quiet install --require-hashes -r requirements.lock
	.venv/fuzz/bin/pip --disable-pip-version-check --quiet install atheris
	.venv/fuzz/bin/pip --disable-pip-version-check --quiet install --no-deps -e .

lock:
	pip-compile $(LOCK) -o requirements.lock pyproject.toml
	pip-compile $(LOCK) --allow-unsafe --extra dev -o requirements-dev.lock pyproject.toml
LOCK = --quiet --strip-extras --no-header --no-annotate --generate-hashes \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links

clean:
	rm -rf .venv demo build dist
