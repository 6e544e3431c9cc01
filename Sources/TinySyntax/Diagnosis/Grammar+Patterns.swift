// `match` and its patterns, and the ways to get them wrong.

extension Grammar {
    static let patterns = #"""
        matchStatement: "match" subject ':' NEWLINE INDENT caseBlock+ DEDENT | badMatch
        subject: starNamedExpression ',' [starNamedExpressions] | namedExpression
        caseBlock: badCase | "case" casePatterns [guard] ':' block
        guard: 'if' namedExpression
        casePatterns: openSequence | pattern
        pattern: asPattern | orPattern
        asPattern: orPattern 'as' captureTarget | badAs
        orPattern: '|'.closedPattern+
        closedPattern @: literalPattern | captureTarget | "_" | valuePattern | '(' pattern ')' | sequencePattern | mappingPattern | classPattern
        literalPattern: signedNumber !('+' | '-') | complexNumber | strings | 'None' | 'True' | 'False'
        complexNumber: signedReal '+' imaginary | signedReal '-' imaginary
        signedNumber: NUMBER | '-' NUMBER
        signedReal: a=NUMBER {real a} | '-' a=NUMBER {real a}
        imaginary: a=NUMBER {imaginary a}
        captureTarget: !"_" NAME !('.' | '(' | '=')
        valuePattern: dotted !('.' | '(' | '=')
        dotted <: nameOrDotted '.' NAME {attribute}
        nameOrDotted: dotted | NAME
        sequencePattern: '[' [maybeSequence] ']' | '(' [openSequence] ')'
        openSequence: maybeStar ',' [maybeSequence]
        maybeSequence: ','.maybeStar+ [',']
        maybeStar: starPattern | pattern
        starPattern @: '*' captureTarget | '*' "_"
        mappingPattern: '{' '}' | '{' restPattern [','] '}' | '{' itemPatterns ',' restPattern [','] '}' | '{' itemPatterns [','] '}'
        itemPatterns: ','.((literalPattern | dotted) ':' pattern)+
        restPattern: '**' captureTarget
        classPattern: nameOrDotted '(' ')' | nameOrDotted '(' positionals [','] ')' | nameOrDotted '(' keywordPatterns [','] ')' | nameOrDotted '(' positionals ',' keywordPatterns [','] ')' | badClassPattern
        positionals: ','.pattern+
        keywordPatterns: ','.(NAME '=' pattern)+

        badMatch: "match" subject NEWLINE {here "expected ':'"} | a="match" subject ':' NEWLINE !INDENT {indent a "expected an indented block after 'match' statement on line %l"}
        badCase: "case" casePatterns [guard] NEWLINE {here "expected ':'"} | a="case" casePatterns [guard] ':' NEWLINE !INDENT {indent a "expected an indented block after 'case' statement on line %l"}
        badAs: orPattern 'as' a="_" {at a "cannot use '_' as a target"} | orPattern 'as' !NAME a=expression {at a "invalid pattern target"}
        badClassPattern: nameOrDotted '(' a=badClassArguments {span a a "positional patterns follow keyword patterns"}
        badClassArguments: [positionals ','] keywordPatterns ',' a=positionals {= a}
        """#
}
