// Parameter lists of functions and lambdas, and the ways to get them wrong.

extension Grammar {
    static let parameters = #"""
        parameters: badParameters | parameterList
        parameterList: slashPlain plain* withDefault* [starEtc] | slashDefault withDefault* [starEtc] | plain+ withDefault* [starEtc] | withDefault+ [starEtc] | starEtc
        slashPlain: plain+ '/' ',' | plain+ '/' &')'
        slashDefault: plain* withDefault+ '/' ',' | plain* withDefault+ '/' &')'
        starEtc: badStarEtc | '*' plain maybeDefault* [kwds] | '*' starAnnotated maybeDefault* [kwds] | '*' ',' maybeDefault+ [kwds] | kwds
        kwds: badKwds | '**' plain
        plain: a=parameter ',' {= a} | a=parameter &')' {= a}
        starAnnotated: NAME ':' starExpression ',' | NAME ':' starExpression &')'
        withDefault: parameter default ',' | parameter default &')'
        maybeDefault: parameter [default] ',' | parameter [default] &')'
        parameter: NAME [':' expression] {parameter}
        default: '=' expression | badDefault
        badDefault: a='=' &(')' | ',') {at a "expected default value expression"}
        badParameters: a='/' ',' {at a "at least one argument must precede /"} | (slashPlain | slashDefault) maybeDefault* a='/' {at a "/ may appear only once"} | [slashPlain] plain* (slashDefault | withDefault+) a=plain {at a "parameter without a default follows parameter with a default"} | plain* a='(' plain+ [','] b=')' {span a b "Function parameters cannot be parenthesized"} | [slashPlain | slashDefault] maybeDefault* '*' (',' | plain) maybeDefault* a='/' {at a "/ must be ahead of *"} | maybeDefault+ '/' a='*' {at a "expected comma between / and *"}
        badStarEtc: a='*' (')' | ',' (')' | '**')) {at a "named arguments must follow bare *"} | '*' parameter a='=' {at a "var-positional argument cannot have default value"} | '*' (plain | ',') maybeDefault* a='*' (plain | ',') {at a "* argument may appear only once"}
        badKwds: '**' parameter a='=' {at a "var-keyword argument cannot have default value"} | '**' parameter ',' a=parameter {at a "arguments cannot follow var-keyword argument"} | '**' parameter ',' a=('*' | '**' | '/') {at a "arguments cannot follow var-keyword argument"}

        lambdaParameters: badLambdaParameters | lambdaList
        lambdaList: lambdaSlashPlain lambdaPlain* lambdaWithDefault* [lambdaStarEtc] | lambdaSlashDefault lambdaWithDefault* [lambdaStarEtc] | lambdaPlain+ lambdaWithDefault* [lambdaStarEtc] | lambdaWithDefault+ [lambdaStarEtc] | lambdaStarEtc
        lambdaSlashPlain: lambdaPlain+ '/' ',' | lambdaPlain+ '/' &':'
        lambdaSlashDefault: lambdaPlain* lambdaWithDefault+ '/' ',' | lambdaPlain* lambdaWithDefault+ '/' &':'
        lambdaStarEtc: badLambdaStarEtc | '*' lambdaPlain lambdaMaybeDefault* [lambdaKwds] | '*' ',' lambdaMaybeDefault+ [lambdaKwds] | lambdaKwds
        lambdaKwds: badLambdaKwds | '**' lambdaPlain
        lambdaPlain: a=NAME ',' {= a} | a=NAME &':' {= a}
        lambdaWithDefault: NAME default ',' | NAME default &':'
        lambdaMaybeDefault: NAME [default] ',' | NAME [default] &':'
        badLambdaParameters: a='/' ',' {at a "at least one argument must precede /"} | (lambdaSlashPlain | lambdaSlashDefault) lambdaMaybeDefault* a='/' {at a "/ may appear only once"} | [lambdaSlashPlain] lambdaPlain* (lambdaSlashDefault | lambdaWithDefault+) a=lambdaPlain {at a "parameter without a default follows parameter with a default"} | lambdaPlain* a='(' ','.NAME+ [','] b=')' {span a b "Lambda expression parameters cannot be parenthesized"} | [lambdaSlashPlain | lambdaSlashDefault] lambdaMaybeDefault* '*' (',' | lambdaPlain) lambdaMaybeDefault* a='/' {at a "/ must be ahead of *"} | lambdaMaybeDefault+ '/' a='*' {at a "expected comma between / and *"}
        badLambdaStarEtc: '*' (':' | ',' (':' | '**')) {here "named arguments must follow bare *"} | '*' NAME a='=' {at a "var-positional argument cannot have default value"} | '*' (lambdaPlain | ',') lambdaMaybeDefault* a='*' (lambdaPlain | ',') {at a "* argument may appear only once"}
        badLambdaKwds: '**' NAME a='=' {at a "var-keyword argument cannot have default value"} | '**' NAME ',' a=NAME {at a "arguments cannot follow var-keyword argument"} | '**' NAME ',' a=('*' | '**' | '/') {at a "arguments cannot follow var-keyword argument"}

        typeParameters: badTypeParameters | '[' ','.typeParameter+ [','] ']'
        typeParameter: NAME [':' expression] ['=' expression] | badTypeParameter | '*' NAME ['=' starExpression] | '**' NAME ['=' expression]
        badTypeParameter: '*' NAME a=':' b=expression {bound a b "TypeVarTuple"} | '**' NAME a=':' b=expression {bound a b "ParamSpec"}
        badTypeParameters: '[' a=']' {from a "Type parameter list cannot be empty"}
        """#
}
