"""The parts of the documents that are made from the code: `python -m docs.making` writes them anew."""
