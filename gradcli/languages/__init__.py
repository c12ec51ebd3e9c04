"""One file a language: ``WORDS``, from the English pattern to the pattern in that language.

To add a language, say Ukrainian: copy ``ru.py`` to ``uk.py`` (the file has the two letters that --lang takes) and
translate what stands right of the colons. Nothing else is needed: --lang, GRADCLI_LANG, completion and the tests find the
file by themselves.

* ``{0}``, ``{1}``, … stand for what is put in: names, numbers, formulas, or another message, which is translated by itself.
  They may change their order, and none may be left out.
* Spaces at the ends of a pattern are part of it: it is put into another one.
* No word is inflected by a number: write ``цифр: {0}``, not ``{0} цифр``.
* The decimal point stays a point, and the names of options, formats and kinds of errors stay as they are.
* tests/test_languages.py tells which patterns are missing, and which nobody says any more.
"""
