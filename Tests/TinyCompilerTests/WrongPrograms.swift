// Programs that parse and that CPython's compiler refuses.
//
// Data: recorded from CPython 3.13.0, one program a line: program ⇒ lineno|offset|end_lineno|end_offset|message.
// In programs `\n` is a newline. An end_offset of 0 is unknown.

enum WrongPrograms {
    static let table = #"""
        return 1 ⇒ 1|1|1|9|'return' outside function
        yield 1 ⇒ 1|1|1|8|'yield' outside function
        class A:\n    return ⇒ 2|5|2|11|'return' outside function
        class A:\n    yield 1 ⇒ 2|5|2|12|'yield' outside function
        await x ⇒ 1|1|1|8|'await' outside function
        def f():\n    await x ⇒ 2|5|2|12|'await' outside async function
        async def f():\n    yield from x ⇒ 2|5|2|17|'yield from' inside async function
        break ⇒ 1|1|1|6|'break' outside loop
        continue ⇒ 1|1|1|9|'continue' not properly in loop
        while 1:\n    def f():\n        break ⇒ 3|9|3|14|'break' outside loop
        for x in y:\n    pass\nelse:\n    continue ⇒ 4|5|4|13|'continue' not properly in loop
        def f():\n    x = 1\n    global x ⇒ 3|5|3|13|name 'x' is assigned to before global declaration
        def f():\n    print(x)\n    global x ⇒ 3|5|3|13|name 'x' is used prior to global declaration
        def f(x):\n    global x ⇒ 2|5|2|13|name 'x' is parameter and global
        def f(x):\n    nonlocal x ⇒ 2|5|2|15|name 'x' is parameter and nonlocal
        def f():\n    nonlocal x ⇒ 2|5|2|15|no binding for nonlocal 'x' found
        nonlocal x ⇒ 1|1|1|11|nonlocal declaration not allowed at module level
        def f():\n    x: int\n    global x ⇒ 3|5|3|13|annotated name 'x' can't be global
        def f():\n    global x\n    x: int = 1 ⇒ 3|5|3|15|annotated name 'x' can't be global
        def f():\n    x = 1\n    def g():\n        nonlocal x\n        x: int = 1 ⇒ 5|9|5|19|annotated name 'x' can't be nonlocal
        def f(a, a): pass ⇒ 1|10|1|11|duplicate argument 'a' in function definition
        def f(a, *, a): pass ⇒ 1|13|1|14|duplicate argument 'a' in function definition
        lambda a, a: 1 ⇒ 1|11|1|12|duplicate argument 'a' in function definition
        def f(a, *a): pass ⇒ 1|11|1|12|duplicate argument 'a' in function definition
        def f():\n    from x import * ⇒ 2|19|2|20|import * only allowed at module level
        class A:\n    from x import * ⇒ 2|19|2|20|import * only allowed at module level
        try: pass\nexcept: pass\nexcept A: pass ⇒ 2|1|2|13|default 'except:' must be last
        def f():\n    [x async for x in y] ⇒ 2|5|2|25|asynchronous comprehension outside of an asynchronous function
        [x async for x in y] ⇒ 1|1|1|21|asynchronous comprehension outside of an asynchronous function
        x = 1\nfrom __future__ import annotations ⇒ 2|1|2|35|from __future__ imports must occur at the beginning of the file
        from __future__ import foo ⇒ 1|1|1|0|future feature foo is not defined
        from __future__ import braces ⇒ 1|1|1|0|not a chance
        "doc"\n"doc2"\nfrom __future__ import division ⇒ 3|1|3|32|from __future__ imports must occur at the beginning of the file
        [x for x in (y := 1)] ⇒ 1|14|1|20|assignment expression cannot be used in a comprehension iterable expression
        [[x for x in (y := 1)] for z in w] ⇒ 1|15|1|21|assignment expression cannot be used in a comprehension iterable expression
        [x for x in y if (x := 1)] ⇒ 1|19|1|20|assignment expression cannot rebind comprehension iteration variable 'x'
        [(y := 1) for x in y for y in z] ⇒ 1|3|1|4|assignment expression cannot rebind comprehension iteration variable 'y'
        class A:\n    [(y := 1) for x in z] ⇒ 2|7|2|8|assignment expression within a comprehension cannot be used in a class body
        [(i := 0) for i in range(5)] ⇒ 1|3|1|4|assignment expression cannot rebind comprehension iteration variable 'i'
        [[(i := 0) for j in range(5)] for i in range(5)] ⇒ 1|4|1|5|assignment expression cannot rebind comprehension iteration variable 'i'
        [i for i, j in range(5) for j in (i := 1)] ⇒ 1|35|1|41|assignment expression cannot be used in a comprehension iterable expression
        *a, *b = c ⇒ 1|1|1|7|multiple starred expressions in assignment
        *a = c ⇒ 1|1|1|3|starred assignment target must be in a list or tuple
        (*a, *b), c = d ⇒ 1|1|1|9|multiple starred expressions in assignment
        async def f():\n    yield 1\n    return 2 ⇒ 3|5|3|13|'return' with value in async generator
        match x:\n    case 1 | a: pass ⇒ 2|10|2|15|alternative patterns bind different names
        match x:\n    case a: pass\n    case b: pass ⇒ 2|10|2|11|name capture 'a' makes remaining patterns unreachable
        match x:\n    case _: pass\n    case b: pass ⇒ 2|10|2|11|wildcard makes remaining patterns unreachable
        match x:\n    case a | 1: pass ⇒ 2|10|2|11|name capture 'a' makes remaining patterns unreachable
        match x:\n    case [a, a]: pass ⇒ 2|14|2|15|multiple assignments to name 'a' in pattern
        match x:\n    case [*a, *b]: pass ⇒ 2|10|2|18|multiple starred names in sequence pattern
        match x:\n    case {1: a, 1: b}: pass ⇒ 2|10|2|22|mapping pattern checks duplicate key (1)
        match x:\n    case {"a": a, "a": b}: pass ⇒ 2|10|2|26|mapping pattern checks duplicate key ('a')
        match x:\n    case A(x=1, x=2): pass ⇒ 2|19|2|20|attribute name repeated in class pattern: x
        match x:\n    case (a as b) as b: pass ⇒ 2|10|2|23|multiple assignments to name 'b' in pattern
        match x:\n    case [a, b] | [a]: pass ⇒ 2|10|2|22|alternative patterns bind different names
        match x:\n    case {1: _, **rest}: pass\n    case {-1: a, -1: b}: pass ⇒ 3|10|3|24|mapping pattern checks duplicate key (-1)
        f(a=1, a=2) ⇒ 1|8|1|11|keyword argument repeated: a
        class A(x=1, x=2): pass ⇒ 1|14|1|17|keyword argument repeated: x
        try: pass\nexcept* A:\n    return ⇒ 3|5|3|11|'return' outside function
        def f():\n    try: pass\n    except* A:\n        return ⇒ 4|9|4|15|'break', 'continue' and 'return' cannot appear in an except* block
        for x in y:\n    try: pass\n    except* A:\n        break ⇒ 4|9|4|14|'break', 'continue' and 'return' cannot appear in an except* block
        for x in y:\n    try: pass\n    except* A:\n        continue ⇒ 4|9|4|17|'break', 'continue' and 'return' cannot appear in an except* block
        async with a: pass ⇒ 1|1|1|19|'async with' outside async function
        def f():\n    async with a: pass ⇒ 2|5|2|23|'async with' outside async function
        def f():\n    async for a in b: pass ⇒ 2|5|2|27|'async for' outside async function
        async for a in b: pass ⇒ 1|1|1|23|'async for' outside async function
        [(yield) for x in y] ⇒ 1|3|1|8|'yield' inside list comprehension
        ((yield) for x in y) ⇒ 1|3|1|8|'yield' inside generator expression
        {(yield) for x in y} ⇒ 1|3|1|8|'yield' inside set comprehension
        {1: (yield) for x in y} ⇒ 1|6|1|11|'yield' inside dict comprehension
        [x for x in y if (yield from z)] ⇒ 1|19|1|31|'yield' inside list comprehension
        def f[T, T](): pass ⇒ 1|10|1|11|duplicate type parameter 'T'
        def f[T: (yield)](): pass ⇒ 1|11|1|16|yield expression cannot be used within a TypeVar bound
        type X = (yield) ⇒ 1|11|1|16|yield expression cannot be used within a type alias
        type X[T: (x := 1)] = 1 ⇒ 1|12|1|18|named expression cannot be used within a TypeVar bound
        class A[T: await x]: pass ⇒ 1|12|1|19|await expression cannot be used within a TypeVar bound
        def f[T]():\n    nonlocal T ⇒ 2|5|2|15|nonlocal binding not allowed for type parameter 'T'
        class A[T]((x := 1)): pass ⇒ 1|13|1|19|named expression cannot be used within the definition of a generic
        def f[T](x: (yield)): pass ⇒ 1|14|1|19|yield expression cannot be used within the definition of a generic
        from __future__ import annotations\ndef f(x: (yield)): pass ⇒ 2|11|2|16|yield expression cannot be used within an annotation
        from __future__ import annotations\nx: (y := 1) ⇒ 2|5|2|11|named expression cannot be used within an annotation
        def f[T = int, U](): pass ⇒ 1|16|1|17|non-default type parameter 'U' follows default type parameter
        type X = [(x := 1) for a in b] ⇒ 1|12|1|13|assignment expression within a comprehension cannot be used in a type alias
        def f():\n    global x\n    nonlocal x ⇒ 2|5|2|13|name 'x' is nonlocal and global
        def f():\n    nonlocal x\n    global x ⇒ 2|5|2|15|name 'x' is nonlocal and global
        def f():\n    def g():\n        nonlocal x\n    x = 1\n    def h():\n        nonlocal y ⇒ 6|9|6|19|no binding for nonlocal 'y' found
        class A:\n    x = 1\n    def f(self):\n        nonlocal x ⇒ 4|9|4|19|no binding for nonlocal 'x' found
        class A:\n    nonlocal x ⇒ 2|5|2|15|no binding for nonlocal 'x' found
        def f():\n    del x\n    global x ⇒ 3|5|3|13|name 'x' is assigned to before global declaration
        def f():\n    for x in y: pass\n    global x ⇒ 3|5|3|13|name 'x' is assigned to before global declaration
        def f():\n    with x as y: pass\n    nonlocal y ⇒ 3|5|3|15|name 'y' is assigned to before nonlocal declaration
        def f():\n    class x: pass\n    global x ⇒ 3|5|3|13|name 'x' is assigned to before global declaration
        if 0:\n    return 1 ⇒ 2|5|2|13|'return' outside function
        def f():\n    return\n    break ⇒ 3|5|3|10|'break' outside loop
        lambda: await x ⇒ 1|9|1|16|'await' outside async function
        async def f():\n    lambda: await x ⇒ 2|13|2|20|'await' outside async function
        async def f():\n    def g():\n        [await x for x in y] ⇒ 3|9|3|29|asynchronous comprehension outside of an asynchronous function
        def f():\n    return [await x for x in y] ⇒ 2|12|2|32|asynchronous comprehension outside of an asynchronous function
        def f():\n    return {await x for x in y} ⇒ 2|12|2|32|asynchronous comprehension outside of an asynchronous function
        async def f():\n    x = [x async for x in y]\n    def g():\n        {x async for x in y} ⇒ 4|9|4|29|asynchronous comprehension outside of an asynchronous function
        x = yield ⇒ 1|5|1|10|'yield' outside function
        @(yield)\ndef f(): pass ⇒ 1|3|1|8|'yield' outside function
        def f(x=(yield)): pass ⇒ 1|10|1|15|'yield' outside function
        class A((yield)): pass ⇒ 1|10|1|15|'yield' outside function
        def f() -> (yield): pass ⇒ 1|13|1|18|'yield' outside function
        x: (yield) = 1 ⇒ 1|5|1|10|'yield' outside function
        a, *b, *c = d ⇒ 1|1|1|10|multiple starred expressions in assignment
        [*a, *b] = d ⇒ 1|1|1|9|multiple starred expressions in assignment
        for *a, *b in c: pass ⇒ 1|5|1|11|multiple starred expressions in assignment
        with a as (*b, *c): pass ⇒ 1|11|1|19|multiple starred expressions in assignment
        def f(a, b):\n    global b, a ⇒ 2|5|2|16|name 'b' is parameter and global
        def f():\n    __x = 1\n    class A:\n        def g(self): nonlocal __x ⇒ 4|22|4|34|no binding for nonlocal '_A__x' found
        import a as __debug__ ⇒ 1|1|1|22|cannot assign to __debug__
        def f(*, a, **a): pass ⇒ 1|15|1|16|duplicate argument 'a' in function definition
        print(*a, **b, c=1, **d, c=2) ⇒ 1|26|1|29|keyword argument repeated: c
        """#
}
