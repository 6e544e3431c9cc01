// Wrong programs of several lines, of `eval`, and at the prompt: mostly about indentation and blocks.
//
// Data: recorded from CPython 3.13.0, one program a line: mode ⇒ program ⇒ exception|lineno|offset|end_lineno|end_offset|message.
// In programs `\n` and `\t` are a newline and a tab, `\\` a backslash, `\1` and `\2` control characters, `\z`, `\s` and
// `\y` the characters U+200B, U+00A0 and U+00FF.

extension WrongPrograms {
    static let lines = #"""
        file ⇒ if x:\n    a\n  b\n ⇒ IndentationError|3|4|3|-1|unindent does not match any outer indentation level
        file ⇒ if x:\n\ta\n        b\n ⇒ TabError|3|1|3|0|inconsistent use of tabs and spaces in indentation
        file ⇒ x = (1,\ny = 2\n ⇒ SyntaxError|1|5|1|0|'(' was never closed
        file ⇒ x = \\ 1\n ⇒ SyntaxError|1|6|1|0|unexpected character after line continuation character
        file ⇒ try: pass\nexcept a, b as c: pass ⇒ SyntaxError|2|8|2|17|multiple exception types must be parenthesized
        file ⇒ try: pass\nexcept a, b: pass ⇒ SyntaxError|2|8|2|12|multiple exception types must be parenthesized
        file ⇒ try:\n pass\nexcept a as b.c:\n pass ⇒ SyntaxError|3|14|3|15|invalid syntax
        file ⇒ if a: pass\nelse: pass\nelif b: pass ⇒ SyntaxError|3|1|3|5|invalid syntax
        file ⇒ from a import b,\n ⇒ SyntaxError|1|17|1|18|trailing comma not allowed without surrounding parentheses
        file ⇒ x = '''abc\n\n ⇒ SyntaxError|1|5|1|5|unterminated triple-quoted string literal (detected at line 2)
        file ⇒ \n\n  x = 1\n ⇒ IndentationError|3|2|3|-1|unexpected indent
        file ⇒ def f():\npass\n ⇒ IndentationError|2|1|2|5|expected an indented block after function definition on line 1
        file ⇒ x = 1\n  y = 2\n ⇒ IndentationError|2|2|2|-1|unexpected indent
        file ⇒ if x\n  y\n ⇒ SyntaxError|1|5|1|6|expected ':'
        file ⇒ if x:\ny\n ⇒ IndentationError|2|1|2|2|expected an indented block after 'if' statement on line 1
        file ⇒ if x:\n ⇒ IndentationError|1|6|1|-1|expected an indented block after 'if' statement on line 1
        file ⇒ while x\n y ⇒ SyntaxError|1|8|1|9|expected ':'
        file ⇒ for x in y\n z ⇒ SyntaxError|1|11|1|12|expected ':'
        file ⇒ for x in y:\nz ⇒ IndentationError|2|1|2|2|expected an indented block after 'for' statement on line 1
        file ⇒ def f()\n x ⇒ SyntaxError|1|8|1|9|expected ':'
        file ⇒ def f:\n x ⇒ SyntaxError|1|6|1|7|expected '('
        file ⇒ def f(\n ⇒ SyntaxError|1|6|1|0|'(' was never closed
        file ⇒ class C\n x ⇒ SyntaxError|1|8|1|9|expected ':'
        file ⇒ class C:\nx ⇒ IndentationError|2|1|2|2|expected an indented block after class definition on line 1
        file ⇒ with a\n b ⇒ SyntaxError|1|7|1|8|expected ':'
        file ⇒ with a:\nb ⇒ IndentationError|2|1|2|2|expected an indented block after 'with' statement on line 1
        file ⇒ with a as b:\nc ⇒ IndentationError|2|1|2|2|expected an indented block after 'with' statement on line 1
        file ⇒ try:\nx ⇒ IndentationError|2|1|2|2|expected an indented block after 'try' statement on line 1
        file ⇒ try:\n x\ny ⇒ SyntaxError|3|1|3|2|expected 'except' or 'finally' block
        file ⇒ try:\n x\nexcept\n y ⇒ SyntaxError|3|7|3|8|expected ':'
        file ⇒ try:\n x\nexcept:\ny ⇒ IndentationError|4|1|4|2|expected an indented block after 'except' statement on line 3
        file ⇒ try:\n x\nexcept A:\ny ⇒ IndentationError|4|1|4|2|expected an indented block after 'except' statement on line 3
        file ⇒ try:\n x\nexcept A\n y ⇒ SyntaxError|3|9|3|10|expected ':'
        file ⇒ try:\n x\nfinally:\ny ⇒ IndentationError|4|1|4|2|expected an indented block after 'finally' statement on line 3
        file ⇒ try:\n x\nexcept* A:\ny ⇒ IndentationError|4|1|4|2|expected an indented block after 'except*' statement on line 3
        file ⇒ try:\n x\nexcept*:\n y ⇒ SyntaxError|3|8|3|9|expected one or more exception types
        file ⇒ try:\n x\nexcept A:\n y\nexcept* B:\n z ⇒ SyntaxError|5|1|5|8|cannot have both 'except' and 'except*' on the same 'try'
        file ⇒ try:\n x\nexcept* A:\n y\nexcept B:\n z ⇒ SyntaxError|5|1|5|7|cannot have both 'except' and 'except*' on the same 'try'
        file ⇒ match x:\ny ⇒ IndentationError|2|1|2|2|expected an indented block after 'match' statement on line 1
        file ⇒ match x:\n case 1:\n y ⇒ IndentationError|3|2|3|3|expected an indented block after 'case' statement on line 2
        file ⇒ match x\n case 1: y ⇒ SyntaxError|1|8|1|9|expected ':'
        file ⇒ match x:\n case 1\n  y ⇒ SyntaxError|2|8|2|9|expected ':'
        file ⇒ match x:\n case a as _: y ⇒ SyntaxError|2|12|2|13|cannot use '_' as a target
        file ⇒ match x:\n case a as 1: y ⇒ SyntaxError|2|12|2|13|invalid pattern target
        file ⇒ match x:\n case a as b.c: y ⇒ SyntaxError|2|13|2|14|invalid syntax
        file ⇒ match x:\n case A(a=1, 2): y ⇒ SyntaxError|2|14|2|15|positional patterns follow keyword patterns
        file ⇒ match x:\n case {**a, 1: 2}: y ⇒ SyntaxError|2|13|2|14|invalid syntax
        file ⇒ match x:\n case 1+1: y ⇒ SyntaxError|2|9|2|10|imaginary number required in complex literal
        file ⇒ match x:\n case 1j+1: y ⇒ SyntaxError|2|7|2|9|real number required in complex literal
        file ⇒ match x:\n case *a: y\n ⇒ SyntaxError|2|9|2|10|invalid syntax
        file ⇒ match x:\n case (*a): y\n ⇒ SyntaxError|2|10|2|11|invalid syntax
        file ⇒ (\n] ⇒ SyntaxError|2|1|2|1|closing parenthesis ']' does not match opening parenthesis '(' on line 1
        file ⇒ [1, 2\nx = 3\n ⇒ SyntaxError|1|1|1|0|'[' was never closed
        file ⇒ f(1,\n  2\nx = 1\ny = 2\n ⇒ SyntaxError|1|2|1|0|'(' was never closed
        file ⇒ x = [1\n\ndef f():\n  pass\n ⇒ SyntaxError|1|5|1|0|'[' was never closed
        file ⇒ d = {'a': 1\n'b': 2} ⇒ SyntaxError|1|11|2|4|invalid syntax. Perhaps you forgot a comma?
        file ⇒ if a:\n b\nelse\n c ⇒ SyntaxError|3|5|3|6|expected ':'
        file ⇒ if a:\n b\nelse:\nc ⇒ IndentationError|4|1|4|2|expected an indented block after 'else' statement on line 3
        file ⇒ if a:\n b\nelif c\n d ⇒ SyntaxError|3|7|3|8|expected ':'
        file ⇒ if a:\n b\nelif c:\nd ⇒ IndentationError|4|1|4|2|expected an indented block after 'elif' statement on line 3
        file ⇒ while a:\n b\nelse:\nc ⇒ IndentationError|4|1|4|2|expected an indented block after 'else' statement on line 3
        file ⇒ for a in b:\n c\nelse:\nd ⇒ IndentationError|4|1|4|2|expected an indented block after 'else' statement on line 3
        file ⇒ try:\n a\nexcept b as c.d:\n e ⇒ SyntaxError|3|14|3|15|invalid syntax
        file ⇒ try:\n a\nexcept b, c:\n d ⇒ SyntaxError|3|8|3|12|multiple exception types must be parenthesized
        file ⇒ try:\n a\nexcept b, c as d:\n e ⇒ SyntaxError|3|8|3|17|multiple exception types must be parenthesized
        file ⇒ try:\n a\nexcept (b, c) as d\n e ⇒ SyntaxError|3|19|3|20|expected ':'
        file ⇒ try\n a ⇒ SyntaxError|1|4|1|5|expected ':'
        file ⇒ try:\n a\nexcept:\n b\nfinally\n c ⇒ SyntaxError|5|8|5|9|expected ':'
        file ⇒ try:\n a\nelse:\n b ⇒ SyntaxError|3|1|3|5|expected 'except' or 'finally' block
        file ⇒ def f(a, b):\nx ⇒ IndentationError|2|1|2|2|expected an indented block after function definition on line 1
        file ⇒ async def f():\nx ⇒ IndentationError|2|1|2|2|expected an indented block after function definition on line 1
        file ⇒ async with a:\nb ⇒ IndentationError|2|1|2|2|expected an indented block after 'with' statement on line 1
        file ⇒ async for a in b:\nc ⇒ IndentationError|2|1|2|2|expected an indented block after 'for' statement on line 1
        file ⇒ "abc\n ⇒ SyntaxError|1|1|1|1|unterminated string literal (detected at line 1)
        file ⇒ 'abc\\\n ⇒ SyntaxError|1|1|1|1|unterminated string literal (detected at line 1)
        file ⇒ """abc\n\ndef ⇒ SyntaxError|1|1|1|1|unterminated triple-quoted string literal (detected at line 3)
        file ⇒ f'''{\na b}''' ⇒ SyntaxError|2|1|2|4|invalid syntax. Perhaps you forgot a comma?
        file ⇒ f'{a'\n'b'} ⇒ SyntaxError|1|5|1|5|f-string: expecting '}'
        file ⇒ @a\nb ⇒ SyntaxError|2|1|2|2|invalid syntax
        file ⇒ @a\n@b\n ⇒ SyntaxError|2|0|2|0|invalid syntax
        file ⇒ @a b\ndef f(): pass ⇒ SyntaxError|1|4|1|5|invalid syntax
        file ⇒   a\n ⇒ IndentationError|1|2|1|-1|unexpected indent
        file ⇒ a\n  b\n ⇒ IndentationError|2|2|2|-1|unexpected indent
        file ⇒ if a:\n  b\n c\n ⇒ IndentationError|3|3|3|-1|unindent does not match any outer indentation level
        file ⇒ if a:\n  b\n    c\n ⇒ IndentationError|3|4|3|-1|unexpected indent
        file ⇒ if a:\n\tb\n        c\n ⇒ TabError|3|1|3|0|inconsistent use of tabs and spaces in indentation
        file ⇒ if a:\n        b\n\tc\n ⇒ TabError|3|1|3|0|inconsistent use of tabs and spaces in indentation
        file ⇒ if a:\n  b\n\n   c\n ⇒ IndentationError|4|3|4|-1|unexpected indent
        file ⇒ def f():\n  a\n b\n ⇒ IndentationError|3|3|3|-1|unindent does not match any outer indentation level
        file ⇒ class C:\n  def f():\n    a\n   b\n ⇒ IndentationError|4|5|4|-1|unindent does not match any outer indentation level
        file ⇒ if a:\n  if b:\n  c\n ⇒ IndentationError|3|3|3|4|expected an indented block after 'if' statement on line 2
        file ⇒ if a:\n# x\nb\n ⇒ IndentationError|3|1|3|2|expected an indented block after 'if' statement on line 1
        file ⇒ if a:\n    # x\n ⇒ IndentationError|2|8|2|-1|expected an indented block after 'if' statement on line 1
        file ⇒ for a in b:\n\n\n ⇒ IndentationError|3|1|3|-1|expected an indented block after 'for' statement on line 1
        file ⇒ def f():\n    '''x'''\n  y\n ⇒ IndentationError|3|4|3|-1|unindent does not match any outer indentation level
        file ⇒ \tif a:\n ⇒ IndentationError|1|1|1|-1|unexpected indent
        file ⇒ if a: \\\n b\n c ⇒ IndentationError|3|1|3|-1|unexpected indent
        file ⇒ a \\\n ⇒ SyntaxError|1|4|1|-1|unexpected EOF while parsing
        file ⇒ a \\ \n ⇒ SyntaxError|1|4|1|0|unexpected character after line continuation character
        file ⇒ (\\\n ⇒ SyntaxError|1|1|1|0|'(' was never closed
        file ⇒ a = 1 \\\n 2 ⇒ SyntaxError|2|2|2|3|invalid syntax
        file ⇒ x = \\\n ⇒ SyntaxError|1|6|1|-1|unexpected EOF while parsing
        file ⇒ (a, b c)\nd ⇒ SyntaxError|1|5|1|8|invalid syntax. Perhaps you forgot a comma?
        file ⇒ (a\nb) ⇒ SyntaxError|1|2|2|2|invalid syntax. Perhaps you forgot a comma?
        file ⇒ [a,\nb c\n] ⇒ SyntaxError|2|1|2|4|invalid syntax. Perhaps you forgot a comma?
        file ⇒ {a:\nb\nc} ⇒ SyntaxError|2|1|3|2|invalid syntax. Perhaps you forgot a comma?
        file ⇒ f(a,\nb for b in c,\nd) ⇒ SyntaxError|2|1|2|13|Generator expression must be parenthesized
        file ⇒ f(a=1,\nb) ⇒ SyntaxError|2|2|2|3|positional argument follows keyword argument
        file ⇒ x = (1 +\n ⇒ SyntaxError|1|5|1|0|'(' was never closed
        file ⇒ x = [1,\n2\n3] ⇒ SyntaxError|2|1|3|2|invalid syntax. Perhaps you forgot a comma?
        file ⇒ if (a\n:\n b ⇒ SyntaxError|1|4|1|0|'(' was never closed
        file ⇒ foo(\n  a,\n  b\n  c\n) ⇒ SyntaxError|3|3|4|4|invalid syntax. Perhaps you forgot a comma?
        file ⇒ for x in range(10)\n  pass ⇒ SyntaxError|1|19|1|20|expected ':'
        file ⇒ def f(a):\n  return a b\n ⇒ SyntaxError|2|12|2|13|invalid syntax
        file ⇒ class A:\n  x = \n ⇒ SyntaxError|2|7|2|8|invalid syntax
        file ⇒ if True:\n  x = [\n  y\n ⇒ SyntaxError|2|7|2|0|'[' was never closed
        file ⇒ if 1:\n  ⇒ IndentationError|2|2|2|-1|expected an indented block after 'if' statement on line 1
        eval ⇒  ⇒ SyntaxError|0|0|0|0|invalid syntax
        eval ⇒ 1 + ⇒ SyntaxError|1|0|1|0|invalid syntax
        eval ⇒ a b ⇒ SyntaxError|1|3|1|4|invalid syntax
        eval ⇒ a = 1 ⇒ SyntaxError|1|3|1|4|invalid syntax
        eval ⇒ ( ⇒ SyntaxError|1|1|1|0|'(' was never closed
        eval ⇒ f( ⇒ SyntaxError|1|2|1|0|'(' was never closed
        eval ⇒   1 ⇒ IndentationError|1|2|1|-1|unexpected indent
        eval ⇒ 1\n2 ⇒ SyntaxError|2|1|2|2|invalid syntax
        eval ⇒ *a ⇒ SyntaxError|1|1|1|2|invalid syntax
        eval ⇒ lambda ⇒ SyntaxError|1|0|1|0|invalid syntax
        eval ⇒ yield 1 ⇒ SyntaxError|1|1|1|6|invalid syntax
        eval ⇒ x := 1 ⇒ SyntaxError|1|3|1|5|invalid syntax
        eval ⇒ 1;2 ⇒ SyntaxError|1|2|1|3|invalid syntax
        eval ⇒ return ⇒ SyntaxError|1|1|1|7|invalid syntax
        eval ⇒ 'a ⇒ SyntaxError|1|1|1|1|unterminated string literal (detected at line 1)
        eval ⇒ a) ⇒ SyntaxError|1|2|1|2|unmatched ')'
        eval ⇒ pass ⇒ SyntaxError|1|1|1|5|invalid syntax
        eval ⇒ a if b ⇒ SyntaxError|1|1|1|7|expected 'else' after 'if' expression
        single ⇒ a b ⇒ SyntaxError|1|3|1|4|invalid syntax
        single ⇒ a\nb ⇒ SyntaxError|1|2|1|3|multiple statements found while compiling a single statement
        single ⇒ 1 = 2 ⇒ SyntaxError|1|1|1|2|cannot assign to literal here. Maybe you meant '==' instead of '='?
        single ⇒ def f():\n ⇒ IndentationError|1|9|1|-1|expected an indented block after function definition on line 1
        single ⇒ ( ⇒ SyntaxError|1|1|1|0|'(' was never closed
        single ⇒ '''a ⇒ SyntaxError|1|1|1|1|unterminated triple-quoted string literal (detected at line 1)
        single ⇒ if x:\n y\nz\n ⇒ SyntaxError|3|1|3|2|invalid syntax
        """#
}
