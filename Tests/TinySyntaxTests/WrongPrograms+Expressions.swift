// Wrong expressions and assignments, and what is said about them.
//
// Data: recorded from CPython 3.13.0, one program a line: mode ⇒ program ⇒ exception|lineno|offset|end_lineno|end_offset|message.
// In programs `\n` and `\t` are a newline and a tab, `\\` a backslash, `\1` and `\2` control characters, `\z`, `\s` and
// `\y` the characters U+200B, U+00A0 and U+00FF.

extension WrongPrograms {
    static let expressions = #"""
        file ⇒ x = 'abc ⇒ SyntaxError|1|5|1|5|unterminated string literal (detected at line 1)
        file ⇒ x \\ ⇒ SyntaxError|1|4|1|-1|unexpected EOF while parsing
        file ⇒ 1__0 ⇒ SyntaxError|1|2|1|2|invalid decimal literal
        file ⇒ 012 ⇒ SyntaxError|1|1|1|2|leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers
        file ⇒ 0b12 ⇒ SyntaxError|1|4|1|4|invalid digit '2' in binary literal
        file ⇒ 0xg ⇒ SyntaxError|1|2|1|2|invalid hexadecimal literal
        file ⇒ 1.5abc ⇒ SyntaxError|1|3|1|3|invalid decimal literal
        file ⇒ 12abc ⇒ SyntaxError|1|2|1|2|invalid decimal literal
        file ⇒ é = 1 1 ⇒ SyntaxError|1|7|1|8|invalid syntax
        file ⇒ f(**a, *b) ⇒ SyntaxError|1|6|1|10|iterable argument unpacking follows keyword argument unpacking
        file ⇒ f(a for b in c, d) ⇒ SyntaxError|1|3|1|15|Generator expression must be parenthesized
        file ⇒ f(a=) ⇒ SyntaxError|1|3|1|5|expected argument value expression
        file ⇒ [*a for a in b] ⇒ SyntaxError|1|2|1|4|iterable unpacking cannot be used in comprehension
        file ⇒ {**a for a in b} ⇒ SyntaxError|1|2|1|4|dict unpacking cannot be used in dict comprehension
        file ⇒ x = 1 if 2 else pass ⇒ SyntaxError|1|17|1|21|invalid syntax
        file ⇒ 1 + not 2 ⇒ SyntaxError|1|5|1|10|'not' after an operator must be parenthesized
        file ⇒ - not 1 ⇒ SyntaxError|1|3|1|8|'not' after an operator must be parenthesized
        file ⇒ {1:} ⇒ SyntaxError|1|3|1|4|expression expected after dictionary key and ':'
        file ⇒ {1:2, 3} ⇒ SyntaxError|1|7|1|0|':' expected after dictionary key
        file ⇒ {1:*a} ⇒ SyntaxError|1|4|1|6|cannot use a starred expression in a dictionary value
        file ⇒ (*a) ⇒ SyntaxError|1|2|1|4|cannot use starred expression here
        file ⇒ (**a) ⇒ SyntaxError|1|2|1|4|cannot use double starred expression here
        file ⇒ f(*a=1) ⇒ SyntaxError|1|3|1|7|cannot assign to iterable argument unpacking
        file ⇒ f(**a=1) ⇒ SyntaxError|1|3|1|8|cannot assign to keyword argument unpacking
        file ⇒ * ⇒ SyntaxError|1|2|1|3|invalid syntax
        file ⇒ a $ b ⇒ SyntaxError|1|3|1|4|invalid syntax
        file ⇒ a ? b ⇒ SyntaxError|1|3|1|4|invalid syntax
        file ⇒ x = \s 1 ⇒ SyntaxError|1|5|1|5|invalid non-printable character U+00A0
        file ⇒ “abc” ⇒ SyntaxError|1|1|1|1|invalid character '“' (U+201C)
        file ⇒ (1, 2, 3 ⇒ SyntaxError|1|1|1|0|'(' was never closed
        file ⇒ ] ⇒ SyntaxError|1|1|1|1|unmatched ']'
        file ⇒ (] ⇒ SyntaxError|1|2|1|2|closing parenthesis ']' does not match opening parenthesis '('
        file ⇒ f'{' ⇒ SyntaxError|1|4|1|4|f-string: expecting '}'
        file ⇒ f'{a' ⇒ SyntaxError|1|5|1|5|f-string: expecting '}'
        file ⇒ f'{a!}' ⇒ SyntaxError|1|6|1|7|f-string: missing conversion character
        file ⇒ f'{a!x}' ⇒ SyntaxError|1|6|1|7|f-string: invalid conversion character 'x': expected 's', 'r', or 'a'
        file ⇒ f'{}' ⇒ SyntaxError|1|4|1|5|f-string: valid expression required before '}'
        file ⇒ f'{a b}' ⇒ SyntaxError|1|4|1|7|invalid syntax. Perhaps you forgot a comma?
        file ⇒ f'}' ⇒ SyntaxError|1|3|1|3|f-string: single '}' is not allowed
        file ⇒ f'{lambda x:1}' ⇒ SyntaxError|1|4|1|13|f-string: lambda expressions are not allowed without parentheses
        file ⇒ b'é' ⇒ SyntaxError|1|1|1|5|bytes can only contain ASCII literal characters
        file ⇒ 'a' b'b' ⇒ SyntaxError|1|9|1|10|cannot mix bytes and nonbytes literals
        file ⇒ '\\N{foo}' ⇒ SyntaxError|1|1|1|10|(unicode error) 'unicodeescape' codec can't decode bytes in position 0-6: unknown Unicode character name
        file ⇒ '\\x1' ⇒ SyntaxError|1|1|1|6|(unicode error) 'unicodeescape' codec can't decode bytes in position 0-2: truncated \xXX escape
        file ⇒ '\\U12345678' ⇒ SyntaxError|1|1|1|13|(unicode error) 'unicodeescape' codec can't decode bytes in position 0-9: illegal Unicode character
        file ⇒ b'\\x1' ⇒ SyntaxError|1|1|1|7|(value error) invalid \x escape at position 0
        file ⇒   1 ⇒ IndentationError|1|2|1|-1|unexpected indent
        file ⇒ f(a b) ⇒ SyntaxError|1|3|1|6|invalid syntax. Perhaps you forgot a comma?
        file ⇒ x = (a b) ⇒ SyntaxError|1|6|1|9|invalid syntax. Perhaps you forgot a comma?
        file ⇒ [a b] ⇒ SyntaxError|1|2|1|5|invalid syntax. Perhaps you forgot a comma?
        file ⇒ {a b} ⇒ SyntaxError|1|2|1|5|invalid syntax. Perhaps you forgot a comma?
        file ⇒ {a: b c} ⇒ SyntaxError|1|5|1|8|invalid syntax. Perhaps you forgot a comma?
        file ⇒ f(a, b c) ⇒ SyntaxError|1|6|1|9|invalid syntax. Perhaps you forgot a comma?
        file ⇒ a b ⇒ SyntaxError|1|3|1|4|invalid syntax
        file ⇒ 1 = x ⇒ SyntaxError|1|1|1|2|cannot assign to literal here. Maybe you meant '==' instead of '='?
        file ⇒ a + b = c ⇒ SyntaxError|1|1|1|6|cannot assign to expression here. Maybe you meant '==' instead of '='?
        file ⇒ f() = 1 ⇒ SyntaxError|1|1|1|4|cannot assign to function call here. Maybe you meant '==' instead of '='?
        file ⇒ (a, 1) = x ⇒ SyntaxError|1|5|1|6|cannot assign to literal
        file ⇒ [a, f()] = x ⇒ SyntaxError|1|5|1|8|cannot assign to function call
        file ⇒ *a, b() = x ⇒ SyntaxError|1|5|1|8|cannot assign to function call here. Maybe you meant '==' instead of '='?
        file ⇒ None = 1 ⇒ SyntaxError|1|1|1|5|cannot assign to None
        file ⇒ True = 1 ⇒ SyntaxError|1|1|1|5|cannot assign to True
        file ⇒ ... = 1 ⇒ SyntaxError|1|1|1|4|cannot assign to ellipsis here. Maybe you meant '==' instead of '='?
        file ⇒ 'a' = 1 ⇒ SyntaxError|1|1|1|4|cannot assign to literal here. Maybe you meant '==' instead of '='?
        file ⇒ f'{x}' = 1 ⇒ SyntaxError|1|1|1|7|cannot assign to f-string expression here. Maybe you meant '==' instead of '='?
        file ⇒ (yield) = 1 ⇒ SyntaxError|1|2|1|7|cannot assign to yield expression here. Maybe you meant '==' instead of '='?
        file ⇒ x = yield = 1 ⇒ SyntaxError|1|5|1|10|assignment to yield expression not possible
        file ⇒ a if b else c = 1 ⇒ SyntaxError|1|1|1|14|cannot assign to conditional expression
        file ⇒ a < b = c ⇒ SyntaxError|1|1|1|6|cannot assign to comparison
        file ⇒ not a = 1 ⇒ SyntaxError|1|1|1|6|cannot assign to expression
        file ⇒ -a = 1 ⇒ SyntaxError|1|1|1|3|cannot assign to expression here. Maybe you meant '==' instead of '='?
        file ⇒ [x for x in y] = 1 ⇒ SyntaxError|1|1|1|15|cannot assign to list comprehension here. Maybe you meant '==' instead of '='?
        file ⇒ {x for x in y} = 1 ⇒ SyntaxError|1|1|1|15|cannot assign to set comprehension here. Maybe you meant '==' instead of '='?
        file ⇒ {x: y for x in y} = 1 ⇒ SyntaxError|1|1|1|18|cannot assign to dict comprehension here. Maybe you meant '==' instead of '='?
        file ⇒ (x for x in y) = 1 ⇒ SyntaxError|1|1|1|15|cannot assign to generator expression
        file ⇒ {} = 1 ⇒ SyntaxError|1|1|1|3|cannot assign to dict literal here. Maybe you meant '==' instead of '='?
        file ⇒ {1} = 1 ⇒ SyntaxError|1|1|1|4|cannot assign to set display here. Maybe you meant '==' instead of '='?
        file ⇒ {1:2} = 1 ⇒ SyntaxError|1|1|1|6|cannot assign to dict literal here. Maybe you meant '==' instead of '='?
        file ⇒ await x = 1 ⇒ SyntaxError|1|1|1|8|cannot assign to await expression here. Maybe you meant '==' instead of '='?
        file ⇒ (a := 1) = 2 ⇒ SyntaxError|1|2|1|8|cannot assign to named expression here. Maybe you meant '==' instead of '='?
        file ⇒ a and b = 1 ⇒ SyntaxError|1|1|1|8|cannot assign to expression
        file ⇒ a.b() = 1 ⇒ SyntaxError|1|1|1|6|cannot assign to function call here. Maybe you meant '==' instead of '='?
        file ⇒ a = b = 1 = c ⇒ SyntaxError|1|9|1|10|cannot assign to literal
        file ⇒ a = 1 = b ⇒ SyntaxError|1|5|1|6|cannot assign to literal
        file ⇒ f() += 1 ⇒ SyntaxError|1|1|1|4|'function call' is an illegal expression for augmented assignment
        file ⇒ (a, b) += 1 ⇒ SyntaxError|1|1|1|7|'tuple' is an illegal expression for augmented assignment
        file ⇒ [a] += 1 ⇒ SyntaxError|1|1|1|4|'list' is an illegal expression for augmented assignment
        file ⇒ 1 += 1 ⇒ SyntaxError|1|1|1|2|'literal' is an illegal expression for augmented assignment
        file ⇒ a + b += 1 ⇒ SyntaxError|1|1|1|6|'expression' is an illegal expression for augmented assignment
        file ⇒ a, b += 1 ⇒ SyntaxError|1|1|1|5|'tuple' is an illegal expression for augmented assignment
        file ⇒ *a += 1 ⇒ SyntaxError|1|1|1|3|'starred' is an illegal expression for augmented assignment
        file ⇒ f()[0]() += 2 ⇒ SyntaxError|1|1|1|9|'function call' is an illegal expression for augmented assignment
        file ⇒ (a, b): int ⇒ SyntaxError|1|1|1|7|only single target (not tuple) can be annotated
        file ⇒ [a, b]: int ⇒ SyntaxError|1|1|1|7|only single target (not list) can be annotated
        file ⇒ a, b: int ⇒ SyntaxError|1|1|1|2|only single target (not tuple) can be annotated
        file ⇒ f(): int ⇒ SyntaxError|1|1|1|4|illegal target for annotation
        file ⇒ 1: int ⇒ SyntaxError|1|1|1|2|illegal target for annotation
        file ⇒ a + b: int = 1 ⇒ SyntaxError|1|1|1|6|illegal target for annotation
        file ⇒ [x for 1 in y] ⇒ SyntaxError|1|8|1|9|cannot assign to literal
        file ⇒ [x for f() in y] ⇒ SyntaxError|1|8|1|11|cannot assign to function call
        file ⇒ [x for x, 1 in y] ⇒ SyntaxError|1|11|1|12|cannot assign to literal
        file ⇒ [x for x y in z] ⇒ SyntaxError|1|10|1|11|'in' expected after for-loop variables
        file ⇒ f(x for x in y, 1) ⇒ SyntaxError|1|3|1|15|Generator expression must be parenthesized
        file ⇒ f(1, x for x in y) ⇒ SyntaxError|1|6|1|18|Generator expression must be parenthesized
        file ⇒ f(1, x for x in y, 2) ⇒ SyntaxError|1|6|1|18|Generator expression must be parenthesized
        file ⇒ f(a=1, b) ⇒ SyntaxError|1|9|1|10|positional argument follows keyword argument
        file ⇒ f(**a, b) ⇒ SyntaxError|1|9|1|10|positional argument follows keyword argument unpacking
        file ⇒ f(a=1, *b, c) ⇒ SyntaxError|1|13|1|14|positional argument follows keyword argument
        file ⇒ f(x=1, x for x in y) ⇒ SyntaxError|1|8|1|20|Generator expression must be parenthesized
        file ⇒ f(a=b for b in c) ⇒ SyntaxError|1|3|1|5|invalid syntax. Maybe you meant '==' or ':=' instead of '='?
        file ⇒ f(True=1) ⇒ SyntaxError|1|3|1|8|cannot assign to True
        file ⇒ f(None=1) ⇒ SyntaxError|1|3|1|8|cannot assign to None
        file ⇒ f(a.b=1) ⇒ SyntaxError|1|3|1|7|expression cannot contain assignment, perhaps you meant "=="?
        file ⇒ f(a+b=1) ⇒ SyntaxError|1|3|1|7|expression cannot contain assignment, perhaps you meant "=="?
        file ⇒ f(1=2) ⇒ SyntaxError|1|3|1|5|expression cannot contain assignment, perhaps you meant "=="?
        file ⇒ f('a'=2) ⇒ SyntaxError|1|3|1|7|expression cannot contain assignment, perhaps you meant "=="?
        file ⇒ f(a, b=) ⇒ SyntaxError|1|6|1|8|expected argument value expression
        file ⇒ f(a=, b) ⇒ SyntaxError|1|3|1|5|expected argument value expression
        file ⇒ f(*) ⇒ SyntaxError|1|4|1|5|Invalid star expression
        file ⇒ f(**) ⇒ SyntaxError|1|5|1|6|invalid syntax
        file ⇒ f(*, a) ⇒ SyntaxError|1|4|1|5|Invalid star expression
        file ⇒ f(a, *) ⇒ SyntaxError|1|7|1|8|Invalid star expression
        file ⇒ f(a,,b) ⇒ SyntaxError|1|5|1|6|invalid syntax
        file ⇒ f(,) ⇒ SyntaxError|1|3|1|4|invalid syntax
        file ⇒ f(a:=1=2) ⇒ SyntaxError|1|7|1|8|invalid syntax
        file ⇒ f((a)=1) ⇒ SyntaxError|1|4|1|7|expression cannot contain assignment, perhaps you meant "=="?
        file ⇒ f(lambda: 1 = 2) ⇒ SyntaxError|1|3|1|14|expression cannot contain assignment, perhaps you meant "=="?
        file ⇒ f(a for a in b for) ⇒ SyntaxError|1|19|1|20|invalid syntax
        file ⇒ f(print x) ⇒ SyntaxError|1|3|1|10|Missing parentheses in call to 'print'. Did you mean print(...)?
        file ⇒ f(a, b ⇒ SyntaxError|1|2|1|0|'(' was never closed
        file ⇒ f(a] ⇒ SyntaxError|1|4|1|4|closing parenthesis ']' does not match opening parenthesis '('
        file ⇒ f(a} ⇒ SyntaxError|1|4|1|4|closing parenthesis '}' does not match opening parenthesis '('
        file ⇒ (a] ⇒ SyntaxError|1|3|1|3|closing parenthesis ']' does not match opening parenthesis '('
        file ⇒ [a) ⇒ SyntaxError|1|3|1|3|closing parenthesis ')' does not match opening parenthesis '['
        file ⇒ {a) ⇒ SyntaxError|1|3|1|3|closing parenthesis ')' does not match opening parenthesis '{'
        file ⇒ ((a) ⇒ SyntaxError|1|1|1|0|'(' was never closed
        file ⇒ a) ⇒ SyntaxError|1|2|1|2|unmatched ')'
        file ⇒ a] ⇒ SyntaxError|1|2|1|2|unmatched ']'
        file ⇒ a} ⇒ SyntaxError|1|2|1|2|unmatched '}'
        file ⇒ { ⇒ SyntaxError|1|1|1|0|'{' was never closed
        file ⇒ [1, 2 ⇒ SyntaxError|1|1|1|0|'[' was never closed
        file ⇒ d = {'a': 1 'b': 2} ⇒ SyntaxError|1|11|1|16|invalid syntax. Perhaps you forgot a comma?
        file ⇒ d = {'a' 1} ⇒ SyntaxError|1|6|1|11|invalid syntax. Perhaps you forgot a comma?
        file ⇒ d = {'a': } ⇒ SyntaxError|1|9|1|10|expression expected after dictionary key and ':'
        file ⇒ d = {'a':, 'b': 1} ⇒ SyntaxError|1|9|1|10|expression expected after dictionary key and ':'
        file ⇒ d = {'a': *b} ⇒ SyntaxError|1|11|1|13|cannot use a starred expression in a dictionary value
        file ⇒ d = {**a: 1} ⇒ SyntaxError|1|9|1|10|invalid syntax
        file ⇒ d = {*a: 1} ⇒ SyntaxError|1|8|1|9|invalid syntax
        file ⇒ {**a, *b} ⇒ SyntaxError|1|7|1|8|invalid syntax
        file ⇒ {a, **b} ⇒ SyntaxError|1|5|1|7|invalid syntax
        file ⇒ {a: 1, b} ⇒ SyntaxError|1|8|1|0|':' expected after dictionary key
        file ⇒ {a: 1, *b} ⇒ SyntaxError|1|8|1|9|invalid syntax
        file ⇒ (**a, b) ⇒ SyntaxError|1|2|1|4|invalid syntax
        file ⇒ [**a] ⇒ SyntaxError|1|2|1|4|invalid syntax
        file ⇒ [*a, **b] ⇒ SyntaxError|1|6|1|8|invalid syntax
        file ⇒ a = *b if c else d ⇒ SyntaxError|1|8|1|10|invalid syntax
        file ⇒ a[*b:c] ⇒ SyntaxError|1|5|1|6|invalid syntax
        file ⇒ a[b:*c] ⇒ SyntaxError|1|5|1|6|invalid syntax
        file ⇒ a[] ⇒ SyntaxError|1|3|1|4|invalid syntax
        file ⇒ a[1:2:3:4] ⇒ SyntaxError|1|8|1|9|invalid syntax
        file ⇒ a[b=1] ⇒ SyntaxError|1|3|1|6|invalid syntax. Maybe you meant '==' or ':=' instead of '='?
        file ⇒ a[b:=1:2] ⇒ SyntaxError|1|7|1|8|invalid syntax
        file ⇒ a[**b] ⇒ SyntaxError|1|3|1|5|invalid syntax
        file ⇒ x := 1 ⇒ SyntaxError|1|3|1|5|invalid syntax
        file ⇒ (x.y := 1) ⇒ SyntaxError|1|2|1|5|cannot use assignment expressions with attribute
        file ⇒ (x[0] := 1) ⇒ SyntaxError|1|2|1|6|cannot use assignment expressions with subscript
        file ⇒ ((x, y) := 1) ⇒ SyntaxError|1|2|1|8|cannot use assignment expressions with tuple
        file ⇒ (1 := 1) ⇒ SyntaxError|1|2|1|3|cannot use assignment expressions with literal
        file ⇒ x = y := 1 ⇒ SyntaxError|1|7|1|9|invalid syntax
        file ⇒ f(x.y := 1) ⇒ SyntaxError|1|7|1|9|invalid syntax
        file ⇒ {x := 1: 2} ⇒ SyntaxError|1|8|1|9|invalid syntax
        file ⇒ {1: x := 2} ⇒ SyntaxError|1|7|1|9|invalid syntax
        file ⇒ (x = 1) ⇒ SyntaxError|1|2|1|7|invalid syntax. Maybe you meant '==' or ':=' instead of '='?
        file ⇒ (x.a = 1) ⇒ SyntaxError|1|2|1|5|cannot assign to attribute here. Maybe you meant '==' instead of '='?
        file ⇒ [x = 1] ⇒ SyntaxError|1|2|1|7|invalid syntax. Maybe you meant '==' or ':=' instead of '='?
        file ⇒ [a, b = 1] ⇒ SyntaxError|1|5|1|10|invalid syntax. Maybe you meant '==' or ':=' instead of '='?
        file ⇒ {x = 1} ⇒ SyntaxError|1|2|1|7|invalid syntax. Maybe you meant '==' or ':=' instead of '='?
        file ⇒ {a: b = 1} ⇒ SyntaxError|1|7|1|8|invalid syntax
        file ⇒ 1.e ⇒ SyntaxError|1|2|1|2|invalid decimal literal
        file ⇒ 1e+ ⇒ SyntaxError|1|3|1|3|invalid decimal literal
        file ⇒ 0x ⇒ SyntaxError|1|2|1|2|invalid hexadecimal literal
        file ⇒ 0b ⇒ SyntaxError|1|2|1|2|invalid binary literal
        file ⇒ 0o ⇒ SyntaxError|1|2|1|2|invalid octal literal
        file ⇒ 0o8 ⇒ SyntaxError|1|3|1|3|invalid digit '8' in octal literal
        file ⇒ 0b2 ⇒ SyntaxError|1|3|1|3|invalid digit '2' in binary literal
        file ⇒ 0xfg ⇒ SyntaxError|1|3|1|3|invalid hexadecimal literal
        file ⇒ 01 ⇒ SyntaxError|1|1|1|2|leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers
        file ⇒ 0_ ⇒ SyntaxError|1|2|1|2|invalid decimal literal
        file ⇒ 0__1 ⇒ SyntaxError|1|2|1|2|invalid decimal literal
        file ⇒ 1_ ⇒ SyntaxError|1|2|1|2|invalid decimal literal
        file ⇒ 1_000_ ⇒ SyntaxError|1|6|1|6|invalid decimal literal
        file ⇒ 1._5 ⇒ SyntaxError|1|2|1|2|invalid decimal literal
        file ⇒ 1e5_ ⇒ SyntaxError|1|4|1|4|invalid decimal literal
        file ⇒ 1j2 ⇒ SyntaxError|1|2|1|2|invalid imaginary literal
        file ⇒ 1jx ⇒ SyntaxError|1|2|1|2|invalid imaginary literal
        file ⇒ 1.0x ⇒ SyntaxError|1|3|1|3|invalid decimal literal
        file ⇒ 1x ⇒ SyntaxError|1|1|1|1|invalid decimal literal
        file ⇒ 1_x ⇒ SyntaxError|1|2|1|2|invalid decimal literal
        file ⇒ 0777 ⇒ SyntaxError|1|1|1|2|leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers
        file ⇒ 09 ⇒ SyntaxError|1|1|1|2|leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers
        file ⇒ 1or ⇒ SyntaxError|1|4|1|5|invalid syntax
        file ⇒ 5.a ⇒ SyntaxError|1|2|1|2|invalid decimal literal
        file ⇒ 'abc ⇒ SyntaxError|1|1|1|1|unterminated string literal (detected at line 1)
        file ⇒ '''abc ⇒ SyntaxError|1|1|1|1|unterminated triple-quoted string literal (detected at line 1)
        file ⇒ f'abc ⇒ SyntaxError|1|1|1|1|unterminated f-string literal (detected at line 1)
        file ⇒ f'''abc ⇒ SyntaxError|1|1|1|1|unterminated triple-quoted f-string literal (detected at line 1)
        file ⇒ f'{x ⇒ SyntaxError|1|3|1|0|'{' was never closed
        file ⇒ f'{x' ⇒ SyntaxError|1|5|1|5|f-string: expecting '}'
        file ⇒ f'{x: ⇒ SyntaxError|1|3|1|0|'{' was never closed
        file ⇒ f'{x:y' ⇒ SyntaxError|1|7|1|8|f-string: expecting '}', or format specs
        file ⇒ f'{x! ⇒ SyntaxError|1|3|1|0|'{' was never closed
        file ⇒ f'{x!r ⇒ SyntaxError|1|3|1|0|'{' was never closed
        file ⇒ f'{x!r: ⇒ SyntaxError|1|3|1|0|'{' was never closed
        file ⇒ f'{x= ⇒ SyntaxError|1|3|1|0|'{' was never closed
        file ⇒ f'{x=} ⇒ SyntaxError|1|1|1|1|unterminated f-string literal (detected at line 1)
        file ⇒ f'{x y}' ⇒ SyntaxError|1|4|1|7|invalid syntax. Perhaps you forgot a comma?
        file ⇒ f'{x!rr}' ⇒ SyntaxError|1|6|1|8|f-string: invalid conversion character 'rr': expected 's', 'r', or 'a'
        file ⇒ f'{x!1}' ⇒ SyntaxError|1|6|1|7|f-string: invalid conversion character
        file ⇒ f'{x! r}' ⇒ SyntaxError|1|5|1|8|f-string: conversion type must come right after the exclamanation mark
        file ⇒ f'{!r}' ⇒ SyntaxError|1|4|1|5|f-string: valid expression required before '!'
        file ⇒ f'{:x}' ⇒ SyntaxError|1|4|1|5|f-string: valid expression required before ':'
        file ⇒ f'{=}' ⇒ SyntaxError|1|4|1|5|f-string: valid expression required before '='
        file ⇒ f'{ }' ⇒ SyntaxError|1|5|1|6|f-string: valid expression required before '}'
        file ⇒ f'{*}' ⇒ SyntaxError|1|4|1|5|f-string: expecting a valid expression after '{'
        file ⇒ f'{**a}' ⇒ SyntaxError|1|4|1|6|f-string: expecting a valid expression after '{'
        file ⇒ f'{a = b}' ⇒ SyntaxError|1|8|1|9|f-string: expecting '!', or ':', or '}'
        file ⇒ f'{a.b.}' ⇒ SyntaxError|1|7|1|8|f-string: expecting '=', or '!', or ':', or '}'
        file ⇒ f'{a +}' ⇒ SyntaxError|1|6|1|7|f-string: expecting '=', or '!', or ':', or '}'
        file ⇒ f'{a)}' ⇒ SyntaxError|1|5|1|5|f-string: unmatched ')'
        file ⇒ f'{a]}' ⇒ SyntaxError|1|5|1|5|f-string: unmatched ']'
        file ⇒ f'{(a}' ⇒ SyntaxError|1|6|1|6|closing parenthesis '}' does not match opening parenthesis '('
        file ⇒ f'{a}}' ⇒ SyntaxError|1|6|1|6|f-string: single '}' is not allowed
        file ⇒ f'a}' ⇒ SyntaxError|1|4|1|4|f-string: single '}' is not allowed
        file ⇒ f'{{}' ⇒ SyntaxError|1|5|1|5|f-string: single '}' is not allowed
        file ⇒ f'{{{}' ⇒ SyntaxError|1|6|1|7|f-string: valid expression required before '}'
        file ⇒ f'{lambda x: 1}' ⇒ SyntaxError|1|4|1|13|f-string: lambda expressions are not allowed without parentheses
        file ⇒ f'{a:{b:{c:{d}}}}' ⇒ SyntaxError|1|11|1|11|f-string: expressions nested too deeply
        file ⇒ f'{a$b}' ⇒ SyntaxError|1|5|1|6|f-string: expecting '=', or '!', or ':', or '}'
        file ⇒ f'{a:{}}' ⇒ SyntaxError|1|7|1|8|f-string: valid expression required before '}'
        file ⇒ f'{a:{b!}}' ⇒ SyntaxError|1|9|1|10|f-string: missing conversion character
        file ⇒ f'{"}' ⇒ SyntaxError|1|4|1|4|unterminated string literal (detected at line 1)
        file ⇒ f"{'a' 'b'" ⇒ SyntaxError|1|11|1|11|f-string: expecting '}'
        file ⇒ f'{a[}' ⇒ SyntaxError|1|6|1|6|closing parenthesis '}' does not match opening parenthesis '['
        file ⇒ f'{print x}' ⇒ SyntaxError|1|4|1|11|Missing parentheses in call to 'print'. Did you mean print(...)?
        file ⇒ f'{return}' ⇒ SyntaxError|1|4|1|10|f-string: expecting a valid expression after '{'
        file ⇒ f'{import x}' ⇒ SyntaxError|1|4|1|10|f-string: expecting a valid expression after '{'
        file ⇒ f'{a!s!r}' ⇒ SyntaxError|1|7|1|8|f-string: expecting ':' or '}'
        file ⇒ rf'\\{a b}' ⇒ SyntaxError|1|6|1|9|invalid syntax. Perhaps you forgot a comma?
        file ⇒ fb'a' ⇒ SyntaxError|1|3|1|6|invalid syntax
        file ⇒ bf'a' ⇒ SyntaxError|1|3|1|6|invalid syntax
        file ⇒ uf'a' ⇒ SyntaxError|1|3|1|6|invalid syntax
        file ⇒ ur'a' ⇒ SyntaxError|1|3|1|6|invalid syntax
        file ⇒ bu'a' ⇒ SyntaxError|1|3|1|6|invalid syntax
        file ⇒ b'a' 'b' ⇒ SyntaxError|1|9|1|10|cannot mix bytes and nonbytes literals
        file ⇒ 'a' b'a' ⇒ SyntaxError|1|9|1|10|cannot mix bytes and nonbytes literals
        file ⇒ f'a' b'a' ⇒ SyntaxError|1|10|1|11|cannot mix bytes and nonbytes literals
        file ⇒ b'\y' ⇒ SyntaxError|1|1|1|5|bytes can only contain ASCII literal characters
        file ⇒ '\\x' ⇒ SyntaxError|1|1|1|5|(unicode error) 'unicodeescape' codec can't decode bytes in position 0-1: truncated \xXX escape
        file ⇒ '\\xg' ⇒ SyntaxError|1|1|1|6|(unicode error) 'unicodeescape' codec can't decode bytes in position 0-1: truncated \xXX escape
        file ⇒ '\\u12' ⇒ SyntaxError|1|1|1|7|(unicode error) 'unicodeescape' codec can't decode bytes in position 0-3: truncated \uXXXX escape
        file ⇒ '\\U0012' ⇒ SyntaxError|1|1|1|9|(unicode error) 'unicodeescape' codec can't decode bytes in position 0-5: truncated \UXXXXXXXX escape
        file ⇒ '\\N' ⇒ SyntaxError|1|1|1|5|(unicode error) 'unicodeescape' codec can't decode bytes in position 0-1: malformed \N character escape
        file ⇒ '\\N{' ⇒ SyntaxError|1|1|1|6|(unicode error) 'unicodeescape' codec can't decode bytes in position 0-2: malformed \N character escape
        file ⇒ '\\N{}' ⇒ SyntaxError|1|1|1|7|(unicode error) 'unicodeescape' codec can't decode bytes in position 0-2: malformed \N character escape
        file ⇒ '\\N{xyz' ⇒ SyntaxError|1|1|1|9|(unicode error) 'unicodeescape' codec can't decode bytes in position 0-5: malformed \N character escape
        file ⇒ '\\N{xyz}' ⇒ SyntaxError|1|1|1|10|(unicode error) 'unicodeescape' codec can't decode bytes in position 0-6: unknown Unicode character name
        file ⇒ b'\\x' ⇒ SyntaxError|1|1|1|6|(value error) invalid \x escape at position 0
        file ⇒ 'é\\x' ⇒ SyntaxError|1|1|1|6|(unicode error) 'unicodeescape' codec can't decode bytes in position 10-11: truncated \xXX escape
        file ⇒ '\\ ⇒ SyntaxError|1|1|1|1|unterminated string literal (detected at line 1)
        file ⇒ f'\\N{xyz}' ⇒ SyntaxError|1|10|1|11|(unicode error) 'unicodeescape' codec can't decode bytes in position 0-6: unknown Unicode character name
        file ⇒ f'\\x' ⇒ SyntaxError|1|5|1|6|(unicode error) 'unicodeescape' codec can't decode bytes in position 0-1: truncated \xXX escape
        file ⇒ 'a' 'b\\x' ⇒ SyntaxError|1|5|1|10|(unicode error) 'unicodeescape' codec can't decode bytes in position 1-2: truncated \xXX escape
        file ⇒ x = 'a\\x' y = 2 ⇒ SyntaxError|1|5|1|10|(unicode error) 'unicodeescape' codec can't decode bytes in position 1-2: truncated \xXX escape
        file ⇒ a = 1 + ⇒ SyntaxError|1|8|1|9|invalid syntax
        file ⇒ a =  ⇒ SyntaxError|1|5|1|6|invalid syntax
        file ⇒ a. ⇒ SyntaxError|1|3|1|4|invalid syntax
        file ⇒ a.1 ⇒ SyntaxError|1|2|1|4|invalid syntax
        file ⇒ a..b ⇒ SyntaxError|1|3|1|4|invalid syntax
        file ⇒ a->b ⇒ SyntaxError|1|2|1|4|invalid syntax
        file ⇒ a::b ⇒ SyntaxError|1|3|1|4|invalid syntax
        file ⇒ a: ⇒ SyntaxError|1|3|1|4|invalid syntax
        file ⇒ a,,b ⇒ SyntaxError|1|3|1|4|invalid syntax
        file ⇒ ,a ⇒ SyntaxError|1|1|1|2|invalid syntax
        file ⇒ a = , ⇒ SyntaxError|1|5|1|6|invalid syntax
        file ⇒ = ⇒ SyntaxError|1|1|1|2|invalid syntax
        file ⇒ == ⇒ SyntaxError|1|1|1|3|invalid syntax
        file ⇒ a == ⇒ SyntaxError|1|5|1|6|invalid syntax
        file ⇒ a == = b ⇒ SyntaxError|1|6|1|7|invalid syntax
        file ⇒ a not b ⇒ SyntaxError|1|7|1|8|invalid syntax
        file ⇒ a is is b ⇒ SyntaxError|1|6|1|8|invalid syntax
        file ⇒ not ⇒ SyntaxError|1|4|1|5|invalid syntax
        file ⇒ a and ⇒ SyntaxError|1|6|1|7|invalid syntax
        file ⇒ a or or b ⇒ SyntaxError|1|6|1|8|invalid syntax
        file ⇒ a if ⇒ SyntaxError|1|5|1|6|invalid syntax
        file ⇒ a if b ⇒ SyntaxError|1|1|1|7|expected 'else' after 'if' expression
        file ⇒ a if b else ⇒ SyntaxError|1|12|1|13|invalid syntax
        file ⇒ a if b else c d ⇒ SyntaxError|1|15|1|16|invalid syntax
        file ⇒ (a if b) ⇒ SyntaxError|1|2|1|8|expected 'else' after 'if' expression
        file ⇒ [a if b for c in d] ⇒ SyntaxError|1|2|1|8|expected 'else' after 'if' expression
        file ⇒ x = a if b: c ⇒ SyntaxError|1|11|1|12|invalid syntax
        file ⇒ a++ ⇒ SyntaxError|1|4|1|5|invalid syntax
        file ⇒ a+*b ⇒ SyntaxError|1|3|1|4|invalid syntax
        file ⇒ a ** ** b ⇒ SyntaxError|1|6|1|8|invalid syntax
        file ⇒ a //= = b ⇒ SyntaxError|1|7|1|8|invalid syntax
        file ⇒ a <> b ⇒ SyntaxError|1|3|1|5|invalid syntax
        file ⇒ a != = b ⇒ SyntaxError|1|6|1|7|invalid syntax
        file ⇒ a ! b ⇒ SyntaxError|1|3|1|4|invalid syntax
        file ⇒ a ! ⇒ SyntaxError|1|3|1|4|invalid syntax
        file ⇒ !a ⇒ SyntaxError|1|1|1|2|invalid syntax
        file ⇒ a? ⇒ SyntaxError|1|2|1|3|invalid syntax
        file ⇒ a$ ⇒ SyntaxError|1|2|1|3|invalid syntax
        file ⇒ $ ⇒ SyntaxError|1|1|1|2|invalid syntax
        file ⇒ ? ⇒ SyntaxError|1|1|1|2|invalid syntax
        file ⇒ `a` ⇒ SyntaxError|1|1|1|2|invalid syntax
        file ⇒ a @ @ b ⇒ SyntaxError|1|5|1|6|invalid syntax
        file ⇒ @ ⇒ SyntaxError|1|2|1|3|invalid syntax
        file ⇒ continue x ⇒ SyntaxError|1|10|1|11|invalid syntax
        file ⇒ yield = 1 ⇒ SyntaxError|1|1|1|6|assignment to yield expression not possible
        file ⇒ yield from ⇒ SyntaxError|1|11|1|12|invalid syntax
        file ⇒ x = yield from ⇒ SyntaxError|1|15|1|16|invalid syntax
        file ⇒ ; ⇒ SyntaxError|1|1|1|2|invalid syntax
        file ⇒ ;a ⇒ SyntaxError|1|1|1|2|invalid syntax
        file ⇒ a;;b ⇒ SyntaxError|1|3|1|4|invalid syntax
        file ⇒ a; b: ⇒ SyntaxError|1|6|1|7|invalid syntax
        file ⇒ in ⇒ SyntaxError|1|1|1|3|invalid syntax
        file ⇒ is ⇒ SyntaxError|1|1|1|3|invalid syntax
        file ⇒ as ⇒ SyntaxError|1|1|1|3|invalid syntax
        file ⇒ a as b ⇒ SyntaxError|1|3|1|5|invalid syntax
        file ⇒ a in ⇒ SyntaxError|1|5|1|6|invalid syntax
        file ⇒ and a ⇒ SyntaxError|1|1|1|4|invalid syntax
        file ⇒ True = False ⇒ SyntaxError|1|1|1|5|cannot assign to True
        file ⇒ None += 1 ⇒ SyntaxError|1|1|1|5|'None' is an illegal expression for augmented assignment
        file ⇒ f(**None=1) ⇒ SyntaxError|1|3|1|11|cannot assign to keyword argument unpacking
        file ⇒ x.None ⇒ SyntaxError|1|3|1|7|invalid syntax
        file ⇒ x.True = 1 ⇒ SyntaxError|1|3|1|7|invalid syntax
        file ⇒ await ⇒ SyntaxError|1|6|1|7|invalid syntax
        file ⇒ await = 1 ⇒ SyntaxError|1|7|1|8|invalid syntax
        file ⇒ a \\b ⇒ SyntaxError|1|4|1|0|unexpected character after line continuation character
        file ⇒ \\ ⇒ SyntaxError|1|2|1|-1|unexpected EOF while parsing
        file ⇒ \1 ⇒ SyntaxError|1|1|1|1|invalid non-printable character U+0001
        file ⇒ a \2 b ⇒ SyntaxError|1|3|1|3|invalid non-printable character U+0002
        file ⇒ a\zb ⇒ SyntaxError|1|2|1|2|invalid non-printable character U+200B
        file ⇒ a\sb ⇒ SyntaxError|1|2|1|2|invalid non-printable character U+00A0
        file ⇒ é b ⇒ SyntaxError|1|3|1|4|invalid syntax
        file ⇒ ü = 1 ä ⇒ SyntaxError|1|7|1|8|invalid syntax
        file ⇒ x = 'é' y ⇒ SyntaxError|1|9|1|10|invalid syntax
        file ⇒ f(é b) ⇒ SyntaxError|1|3|1|6|invalid syntax. Perhaps you forgot a comma?
        file ⇒ é()=1 ⇒ SyntaxError|1|1|1|4|cannot assign to function call here. Maybe you meant '==' instead of '='?
        file ⇒ '日本' = 1 ⇒ SyntaxError|1|1|1|5|cannot assign to literal here. Maybe you meant '==' instead of '='?
        file ⇒ 日本 語 ⇒ SyntaxError|1|4|1|5|invalid syntax
        file ⇒ f('日本' x) ⇒ SyntaxError|1|3|1|9|invalid syntax. Perhaps you forgot a comma?
        file ⇒ a−b ⇒ SyntaxError|1|2|1|2|invalid character '−' (U+2212)
        file ⇒ “a” ⇒ SyntaxError|1|1|1|1|invalid character '“' (U+201C)
        file ⇒ a’b ⇒ SyntaxError|1|2|1|2|invalid character '’' (U+2019)
        file ⇒ x = € ⇒ SyntaxError|1|5|1|5|invalid character '€' (U+20AC)
        file ⇒ € ⇒ SyntaxError|1|1|1|1|invalid character '€' (U+20AC)
        file ⇒ a.€ ⇒ SyntaxError|1|3|1|3|invalid character '€' (U+20AC)
        file ⇒ 1€ ⇒ SyntaxError|1|2|1|2|invalid character '€' (U+20AC)
        file ⇒ ½ ⇒ SyntaxError|1|1|1|1|invalid character '½' (U+00BD)
        file ⇒ a² ⇒ SyntaxError|1|2|1|2|invalid character '²' (U+00B2)
        file ⇒ x² ⇒ SyntaxError|1|2|1|2|invalid character '²' (U+00B2)
        file ⇒ ² ⇒ SyntaxError|1|1|1|1|invalid character '²' (U+00B2)
        file ⇒ "a" "b" c ⇒ SyntaxError|1|9|1|10|invalid syntax
        file ⇒ 'a' c 'b' ⇒ SyntaxError|1|5|1|6|invalid syntax
        file ⇒ ('a' c 'b') ⇒ SyntaxError|1|2|1|7|invalid syntax. Perhaps you forgot a comma?
        file ⇒ ("a"b"c") ⇒ SyntaxError|1|9|1|10|cannot mix bytes and nonbytes literals
        file ⇒ f('a' b 'c') ⇒ SyntaxError|1|3|1|8|invalid syntax. Perhaps you forgot a comma?
        file ⇒ kf'a' ⇒ SyntaxError|1|3|1|6|invalid syntax
        file ⇒ (kf'a') ⇒ SyntaxError|1|4|1|7|invalid syntax
        file ⇒ (a 'b') ⇒ SyntaxError|1|4|1|7|invalid syntax
        file ⇒ x = {'a' 'b' c} ⇒ SyntaxError|1|6|1|15|invalid syntax. Perhaps you forgot a comma?
        file ⇒ await await await await await await await await await await  ⇒ SyntaxError|1|7|1|12|invalid syntax
        """#
}
