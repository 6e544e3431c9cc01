// Wrong statements of one line, and what is said about them.
//
// Data: recorded from CPython 3.13.0, one program a line: mode ⇒ program ⇒ exception|lineno|offset|end_lineno|end_offset|message.
// In programs `\n` and `\t` are a newline and a tab, `\\` a backslash, `\1` and `\2` control characters, `\z`, `\s` and
// `\y` the characters U+200B, U+00A0 and U+00FF.

extension WrongPrograms {
    static let statements = #"""
        file ⇒ raise from x ⇒ SyntaxError|1|7|1|11|invalid syntax
        file ⇒ import a as b.c ⇒ SyntaxError|1|14|1|15|invalid syntax
        file ⇒ for x y in z: pass ⇒ SyntaxError|1|7|1|8|invalid syntax
        file ⇒ with a, b,: pass ⇒ SyntaxError|1|11|1|12|invalid syntax
        file ⇒ case 1: pass ⇒ SyntaxError|1|6|1|7|invalid syntax
        file ⇒ def f[]():pass ⇒ SyntaxError|1|7|1|7|Type parameter list cannot be empty
        file ⇒ import ⇒ SyntaxError|1|7|1|7|Expected one or more names after 'import'
        file ⇒ from a import ⇒ SyntaxError|1|14|1|14|Expected one or more names after 'import'
        file ⇒ print x ⇒ SyntaxError|1|1|1|8|Missing parentheses in call to 'print'. Did you mean print(...)?
        file ⇒ print 'a', b ⇒ SyntaxError|1|1|1|13|Missing parentheses in call to 'print'. Did you mean print(...)?
        file ⇒ exec 'a' ⇒ SyntaxError|1|1|1|9|Missing parentheses in call to 'exec'. Did you mean exec(...)?
        file ⇒ class C(a b): pass ⇒ SyntaxError|1|9|1|12|invalid syntax. Perhaps you forgot a comma?
        file ⇒ lambda: x = 1 ⇒ SyntaxError|1|1|1|10|cannot assign to lambda
        file ⇒ del f() ⇒ SyntaxError|1|5|1|8|cannot delete function call
        file ⇒ del 1 ⇒ SyntaxError|1|5|1|6|cannot delete literal
        file ⇒ del a + b ⇒ SyntaxError|1|5|1|10|cannot delete expression
        file ⇒ del (a, 1) ⇒ SyntaxError|1|9|1|10|cannot delete literal
        file ⇒ del *a ⇒ SyntaxError|1|5|1|7|cannot delete starred
        file ⇒ del [a, f()] ⇒ SyntaxError|1|9|1|12|cannot delete function call
        file ⇒ del ⇒ SyntaxError|1|4|1|5|invalid syntax
        file ⇒ del a b ⇒ SyntaxError|1|7|1|8|invalid syntax
        file ⇒ del (a for a in b) ⇒ SyntaxError|1|5|1|19|cannot delete generator expression
        file ⇒ del None ⇒ SyntaxError|1|5|1|9|cannot delete None
        file ⇒ for 1 in x: pass ⇒ SyntaxError|1|5|1|6|cannot assign to literal
        file ⇒ for f() in x: pass ⇒ SyntaxError|1|5|1|8|cannot assign to function call
        file ⇒ for a, 1 in x: pass ⇒ SyntaxError|1|8|1|9|cannot assign to literal
        file ⇒ for x: pass ⇒ SyntaxError|1|6|1|7|invalid syntax
        file ⇒ for x in: pass ⇒ SyntaxError|1|9|1|10|invalid syntax
        file ⇒ for (x in y) in z: pass ⇒ SyntaxError|1|14|1|16|invalid syntax
        file ⇒ with a as 1: pass ⇒ SyntaxError|1|11|1|12|cannot assign to literal
        file ⇒ with a as f(): pass ⇒ SyntaxError|1|11|1|14|cannot assign to function call
        file ⇒ with (a as 1): pass ⇒ SyntaxError|1|12|1|13|cannot assign to literal
        file ⇒ with (a as b, c as f()): pass ⇒ SyntaxError|1|20|1|23|cannot assign to function call
        file ⇒ with a as b.c(): pass ⇒ SyntaxError|1|11|1|16|cannot assign to function call
        file ⇒ import a.b as 1 ⇒ SyntaxError|1|15|1|16|invalid syntax
        file ⇒ from . import ⇒ SyntaxError|1|14|1|14|Expected one or more names after 'import'
        file ⇒ from .a import (b ⇒ SyntaxError|1|16|1|0|'(' was never closed
        file ⇒ from a import *, b ⇒ SyntaxError|1|16|1|17|invalid syntax
        file ⇒ from a import b c ⇒ SyntaxError|1|17|1|18|invalid syntax
        file ⇒ from import a ⇒ SyntaxError|1|6|1|12|invalid syntax
        file ⇒ import a from b ⇒ SyntaxError|1|1|1|16|Did you mean to use 'from ... import ...' instead?
        file ⇒ import a, b from c ⇒ SyntaxError|1|1|1|19|Did you mean to use 'from ... import ...' instead?
        file ⇒ import a. ⇒ SyntaxError|1|10|1|11|invalid syntax
        file ⇒ import 1 ⇒ SyntaxError|1|8|1|9|invalid syntax
        file ⇒ import a as ⇒ SyntaxError|1|12|1|13|invalid syntax
        file ⇒ from a import b as ⇒ SyntaxError|1|19|1|20|invalid syntax
        file ⇒ lambda: x := 1 ⇒ SyntaxError|1|1|1|10|cannot use assignment expressions with lambda
        file ⇒ if x = 1: pass ⇒ SyntaxError|1|4|1|9|invalid syntax. Maybe you meant '==' or ':=' instead of '='?
        file ⇒ if x.y = 1: pass ⇒ SyntaxError|1|4|1|7|cannot assign to attribute here. Maybe you meant '==' instead of '='?
        file ⇒ if 1 = x: pass ⇒ SyntaxError|1|4|1|5|cannot assign to literal here. Maybe you meant '==' instead of '='?
        file ⇒ if f() = x: pass ⇒ SyntaxError|1|4|1|7|cannot assign to function call here. Maybe you meant '==' instead of '='?
        file ⇒ while x = 1: pass ⇒ SyntaxError|1|7|1|12|invalid syntax. Maybe you meant '==' or ':=' instead of '='?
        file ⇒ if x == 1 = 2: pass ⇒ SyntaxError|1|11|1|12|invalid syntax
        file ⇒ if (a, b) = c: pass ⇒ SyntaxError|1|11|1|12|invalid syntax
        file ⇒ assert x = 1 ⇒ SyntaxError|1|10|1|11|invalid syntax
        file ⇒ assert (x = 1) ⇒ SyntaxError|1|9|1|14|invalid syntax. Maybe you meant '==' or ':=' instead of '='?
        file ⇒ elif x: pass ⇒ SyntaxError|1|1|1|5|invalid syntax
        file ⇒ else: pass ⇒ SyntaxError|1|1|1|5|invalid syntax
        file ⇒ except: pass ⇒ SyntaxError|1|1|1|7|invalid syntax
        file ⇒ finally: pass ⇒ SyntaxError|1|1|1|8|invalid syntax
        file ⇒ def f(a, a=1, b): pass ⇒ SyntaxError|1|15|1|16|parameter without a default follows parameter with a default
        file ⇒ def f(a=1, b): pass ⇒ SyntaxError|1|12|1|13|parameter without a default follows parameter with a default
        file ⇒ def f(a=1, /, b): pass ⇒ SyntaxError|1|15|1|16|parameter without a default follows parameter with a default
        file ⇒ def f(a, /, b, /): pass ⇒ SyntaxError|1|16|1|17|/ may appear only once
        file ⇒ def f(/): pass ⇒ SyntaxError|1|7|1|8|invalid syntax
        file ⇒ def f(/, a): pass ⇒ SyntaxError|1|7|1|8|at least one argument must precede /
        file ⇒ def f(a, *, /): pass ⇒ SyntaxError|1|13|1|14|/ must be ahead of *
        file ⇒ def f(*, a, /): pass ⇒ SyntaxError|1|13|1|14|/ must be ahead of *
        file ⇒ def f(*): pass ⇒ SyntaxError|1|7|1|8|named arguments must follow bare *
        file ⇒ def f(*,): pass ⇒ SyntaxError|1|7|1|8|named arguments must follow bare *
        file ⇒ def f(*, **k): pass ⇒ SyntaxError|1|7|1|8|named arguments must follow bare *
        file ⇒ def f(*a, *b): pass ⇒ SyntaxError|1|11|1|12|* argument may appear only once
        file ⇒ def f(*a=1): pass ⇒ SyntaxError|1|9|1|10|var-positional argument cannot have default value
        file ⇒ def f(**k=1): pass ⇒ SyntaxError|1|10|1|11|var-keyword argument cannot have default value
        file ⇒ def f(**k, a): pass ⇒ SyntaxError|1|12|1|13|arguments cannot follow var-keyword argument
        file ⇒ def f(**k, *a): pass ⇒ SyntaxError|1|12|1|13|arguments cannot follow var-keyword argument
        file ⇒ def f(**k, /): pass ⇒ SyntaxError|1|12|1|13|arguments cannot follow var-keyword argument
        file ⇒ def f((a, b)): pass ⇒ SyntaxError|1|7|1|13|Function parameters cannot be parenthesized
        file ⇒ def f(a, (b, c), d): pass ⇒ SyntaxError|1|10|1|16|Function parameters cannot be parenthesized
        file ⇒ def f(a, /*): pass ⇒ SyntaxError|1|11|1|12|expected comma between / and *
        file ⇒ def f(a, / *b): pass ⇒ SyntaxError|1|12|1|13|expected comma between / and *
        file ⇒ def f(a=): pass ⇒ SyntaxError|1|8|1|9|expected default value expression
        file ⇒ def f(a, b=, c): pass ⇒ SyntaxError|1|11|1|12|expected default value expression
        file ⇒ def f(1): pass ⇒ SyntaxError|1|7|1|8|invalid syntax
        file ⇒ def f(a.b): pass ⇒ SyntaxError|1|8|1|9|invalid syntax
        file ⇒ def f(a b): pass ⇒ SyntaxError|1|9|1|10|invalid syntax
        file ⇒ def f(a: ): pass ⇒ SyntaxError|1|10|1|11|invalid syntax
        file ⇒ def f() -> : pass ⇒ SyntaxError|1|9|1|11|expected ':'
        file ⇒ def f() -: pass ⇒ SyntaxError|1|9|1|10|expected ':'
        file ⇒ def 1(): pass ⇒ SyntaxError|1|5|1|6|invalid syntax
        file ⇒ async x ⇒ SyntaxError|1|7|1|8|invalid syntax
        file ⇒ lambda a=1, b: 1 ⇒ SyntaxError|1|13|1|14|parameter without a default follows parameter with a default
        file ⇒ lambda *: 1 ⇒ SyntaxError|1|9|1|10|named arguments must follow bare *
        file ⇒ lambda *, **k: 1 ⇒ SyntaxError|1|11|1|13|named arguments must follow bare *
        file ⇒ lambda *a, *b: 1 ⇒ SyntaxError|1|12|1|13|* argument may appear only once
        file ⇒ lambda **k, a: 1 ⇒ SyntaxError|1|13|1|14|arguments cannot follow var-keyword argument
        file ⇒ lambda (a, b): 1 ⇒ SyntaxError|1|8|1|14|Lambda expression parameters cannot be parenthesized
        file ⇒ lambda a, (b, c): 1 ⇒ SyntaxError|1|11|1|17|Lambda expression parameters cannot be parenthesized
        file ⇒ lambda a=: 1 ⇒ SyntaxError|1|10|1|11|invalid syntax
        file ⇒ lambda /: 1 ⇒ SyntaxError|1|8|1|9|invalid syntax
        file ⇒ lambda a, /, b, /: 1 ⇒ SyntaxError|1|17|1|18|/ may appear only once
        file ⇒ lambda *a=1: 1 ⇒ SyntaxError|1|10|1|11|var-positional argument cannot have default value
        file ⇒ lambda **k=1: 1 ⇒ SyntaxError|1|11|1|12|var-keyword argument cannot have default value
        file ⇒ lambda ⇒ SyntaxError|1|7|1|8|invalid syntax
        file ⇒ lambda: ⇒ SyntaxError|1|8|1|9|invalid syntax
        file ⇒ lambda a:  ⇒ SyntaxError|1|11|1|12|invalid syntax
        file ⇒ lambda a ⇒ SyntaxError|1|9|1|10|invalid syntax
        file ⇒ lambda *a, /: 1 ⇒ SyntaxError|1|12|1|13|/ must be ahead of *
        file ⇒ @a ⇒ SyntaxError|1|0|1|0|invalid syntax
        file ⇒ return return ⇒ SyntaxError|1|8|1|14|invalid syntax
        file ⇒ return 1 2 ⇒ SyntaxError|1|10|1|11|invalid syntax
        file ⇒ pass pass ⇒ SyntaxError|1|6|1|10|invalid syntax
        file ⇒ pass 1 ⇒ SyntaxError|1|6|1|7|invalid syntax
        file ⇒ break 1 ⇒ SyntaxError|1|7|1|8|invalid syntax
        file ⇒ global ⇒ SyntaxError|1|7|1|8|invalid syntax
        file ⇒ global a.b ⇒ SyntaxError|1|9|1|10|invalid syntax
        file ⇒ global 1 ⇒ SyntaxError|1|8|1|9|invalid syntax
        file ⇒ global a, ⇒ SyntaxError|1|10|1|11|invalid syntax
        file ⇒ nonlocal ⇒ SyntaxError|1|9|1|10|invalid syntax
        file ⇒ raise from a ⇒ SyntaxError|1|7|1|11|invalid syntax
        file ⇒ raise a from ⇒ SyntaxError|1|13|1|14|invalid syntax
        file ⇒ raise a, b ⇒ SyntaxError|1|8|1|9|invalid syntax
        file ⇒ raise a from b c ⇒ SyntaxError|1|16|1|17|invalid syntax
        file ⇒ assert ⇒ SyntaxError|1|7|1|8|invalid syntax
        file ⇒ assert a, ⇒ SyntaxError|1|10|1|11|invalid syntax
        file ⇒ assert a, b, c ⇒ SyntaxError|1|12|1|13|invalid syntax
        file ⇒ import a; b c ⇒ SyntaxError|1|13|1|14|invalid syntax
        file ⇒ if a: b; c: ⇒ SyntaxError|1|12|1|13|invalid syntax
        file ⇒ if a: if b: c ⇒ SyntaxError|1|7|1|9|invalid syntax
        file ⇒ if a: pass else: b ⇒ SyntaxError|1|12|1|16|invalid syntax
        file ⇒ for x in y: pass; else: z ⇒ SyntaxError|1|19|1|23|invalid syntax
        file ⇒ while: x ⇒ SyntaxError|1|6|1|7|invalid syntax
        file ⇒ while ⇒ SyntaxError|1|6|1|7|invalid syntax
        file ⇒ if ⇒ SyntaxError|1|3|1|4|invalid syntax
        file ⇒ if : ⇒ SyntaxError|1|4|1|5|invalid syntax
        file ⇒ for ⇒ SyntaxError|1|4|1|5|invalid syntax
        file ⇒ with ⇒ SyntaxError|1|5|1|6|invalid syntax
        file ⇒ with : ⇒ SyntaxError|1|6|1|7|invalid syntax
        file ⇒ try ⇒ SyntaxError|1|4|1|5|expected ':'
        file ⇒ try: a ⇒ SyntaxError|1|7|1|-1|expected 'except' or 'finally' block
        file ⇒ def ⇒ SyntaxError|1|4|1|5|invalid syntax
        file ⇒ def f ⇒ SyntaxError|1|6|1|7|expected '('
        file ⇒ def f( ⇒ SyntaxError|1|6|1|0|'(' was never closed
        file ⇒ class ⇒ SyntaxError|1|6|1|7|invalid syntax
        file ⇒ class : ⇒ SyntaxError|1|7|1|8|invalid syntax
        file ⇒ class 1: pass ⇒ SyntaxError|1|7|1|8|invalid syntax
        file ⇒ class C(: pass ⇒ SyntaxError|1|9|1|10|invalid syntax
        file ⇒ class C():  ⇒ IndentationError|1|12|1|-1|expected an indented block after class definition on line 1
        file ⇒ lambda x ⇒ SyntaxError|1|9|1|10|invalid syntax
        file ⇒ from ⇒ SyntaxError|1|5|1|6|invalid syntax
        file ⇒ from a ⇒ SyntaxError|1|7|1|8|invalid syntax
        file ⇒ for None in x: pass ⇒ SyntaxError|1|5|1|9|cannot assign to None
        file ⇒ with a as None: pass ⇒ SyntaxError|1|11|1|15|cannot assign to None
        file ⇒ def None(): pass ⇒ SyntaxError|1|5|1|9|invalid syntax
        file ⇒ def f(None): pass ⇒ SyntaxError|1|7|1|11|invalid syntax
        file ⇒ class True: pass ⇒ SyntaxError|1|7|1|11|invalid syntax
        file ⇒ import None ⇒ SyntaxError|1|8|1|12|invalid syntax
        file ⇒ type X ⇒ SyntaxError|1|7|1|8|invalid syntax
        file ⇒ type X = ⇒ SyntaxError|1|9|1|10|invalid syntax
        file ⇒ type X =  ⇒ SyntaxError|1|10|1|11|invalid syntax
        file ⇒ type 1 = 2 ⇒ SyntaxError|1|6|1|7|invalid syntax
        file ⇒ type X[T] =  ⇒ SyntaxError|1|13|1|14|invalid syntax
        file ⇒ type X[] = 1 ⇒ SyntaxError|1|8|1|10|Type parameter list cannot be empty
        file ⇒ class A[]: pass ⇒ SyntaxError|1|9|1|9|Type parameter list cannot be empty
        file ⇒ def f[T: int, *T: int](): pass ⇒ SyntaxError|1|17|1|22|cannot use bound with TypeVarTuple
        file ⇒ def f[**P: int](): pass ⇒ SyntaxError|1|10|1|15|cannot use bound with ParamSpec
        file ⇒ def f[*T: (int, str)](): pass ⇒ SyntaxError|1|9|1|21|cannot use constraints with TypeVarTuple
        file ⇒ def f[T: x = ](): pass ⇒ SyntaxError|1|6|1|7|expected '('
        file ⇒ type X[T=] = 1 ⇒ SyntaxError|1|10|1|11|invalid syntax
        file ⇒ type X[T = *a] = 1 ⇒ SyntaxError|1|12|1|13|invalid syntax
        file ⇒ match x: case 1: pass ⇒ SyntaxError|1|10|1|14|invalid syntax
        file ⇒ match x ⇒ SyntaxError|1|8|1|9|expected ':'
        file ⇒ match x: ⇒ IndentationError|1|9|1|-1|expected an indented block after 'match' statement on line 1
        file ⇒ case x ⇒ SyntaxError|1|6|1|7|invalid syntax
        file ⇒ print 1 ⇒ SyntaxError|1|1|1|8|Missing parentheses in call to 'print'. Did you mean print(...)?
        file ⇒ print a.b ⇒ SyntaxError|1|1|1|10|Missing parentheses in call to 'print'. Did you mean print(...)?
        file ⇒ print(1) 2 ⇒ SyntaxError|1|10|1|11|invalid syntax
        file ⇒ print a, b ⇒ SyntaxError|1|1|1|11|Missing parentheses in call to 'print'. Did you mean print(...)?
        file ⇒ print f(x) ⇒ SyntaxError|1|1|1|11|Missing parentheses in call to 'print'. Did you mean print(...)?
        file ⇒ exec x ⇒ SyntaxError|1|1|1|7|Missing parentheses in call to 'exec'. Did you mean exec(...)?
        file ⇒ print"a" ⇒ SyntaxError|1|1|1|9|Missing parentheses in call to 'print'. Did you mean print(...)?
        file ⇒ async ⇒ SyntaxError|1|6|1|7|invalid syntax
        file ⇒ async def ⇒ SyntaxError|1|10|1|11|invalid syntax
        file ⇒ async x: pass ⇒ SyntaxError|1|7|1|8|invalid syntax
        file ⇒ async def f: pass ⇒ SyntaxError|1|12|1|13|expected '('
        file ⇒ nonlocal x y ⇒ SyntaxError|1|12|1|13|invalid syntax
        """#
}
