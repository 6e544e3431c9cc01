// The expressions of the language, with the wrong forms that CPython 3.13 has a message for (`bad…`).
//
// Read top to bottom: alternatives are tried in order and the first that fits wins, so order is meaning here.

extension Grammar {
    static let expressions = #"""
        expressions: expression (',' expression)+ [','] {tuple} | expression ',' {tuple} | expression
        expression @: badExpression | badLegacy | disjunction 'if' disjunction 'else' expression {conditional} | disjunction | lambda
        yieldExpression: 'yield' 'from' expression {yield} | 'yield' [starExpressions] {yield}
        starExpressions: starExpression (',' starExpression)+ [','] {tuple} | starExpression ',' {tuple} | starExpression
        starExpression @: '*' a=bitOr {starred a} | expression
        starNamedExpressions: ','.starNamedExpression+ [',']
        starNamedExpression: '*' a=bitOr {starred a} | namedExpression
        assignmentExpression: NAME ':=' ~ expression {named}
        namedExpression: assignmentExpression | badNamed | expression !':='
        disjunction @: conjunction ('or' conjunction)+ {operation} | conjunction
        conjunction @: inversion ('and' inversion)+ {operation} | inversion
        inversion @: 'not' inversion {operation} | comparison
        comparison: a=bitOr b=comparisonLink+ {compare a b} | bitOr
        comparisonLink: '==' bitOr | '!=' bitOr | '<=' bitOr | '<' bitOr | '>=' bitOr | '>' bitOr | 'not' 'in' bitOr | 'in' bitOr {in} | 'is' 'not' bitOr | 'is' bitOr
        bitOr <: bitOr '|' bitXor {operation} | bitXor
        bitXor <: bitXor '^' bitAnd {operation} | bitAnd
        bitAnd <: bitAnd '&' shift {operation} | shift
        shift <: shift '<<' sum {operation} | shift '>>' sum {operation} | badArithmetic | sum
        sum <: sum '+' term {operation} | sum '-' term {operation} | term
        term <: term '*' factor {operation} | term '/' factor {operation} | term '//' factor {operation} | term '%' factor {operation} | term '@' factor {operation} | badFactor | factor
        factor @: '+' factor {operation} | '-' factor {operation} | '~' factor {operation} | power
        power: awaited '**' factor {operation} | awaited
        awaited @: 'await' primary {await} | primary
        primary <: primary '.' NAME {attribute} | primary generator {call} | primary '(' [arguments] ')' {call} | primary '[' slices ']' {subscript} | atom
        slices: slice !',' | ','.(slice | starredArgument)+ [','] {tuple}
        slice: [expression] ':' [expression] [':' [expression]] {slice} | namedExpression
        atom: NAME | 'True' {true} | 'False' {false} | 'None' {none} | &(STRING | FORMATTED) strings | NUMBER | &'(' (tuple | group | generator) | &'[' (list | listComprehension) | &'{' (dict | set | dictComprehension | setComprehension) | '...' {ellipsis}
        group: '(' a=(yieldExpression | namedExpression) ')' {= a} | badGroup
        lambda: 'lambda' [lambdaParameters] ':' expression {lambda}
        strings @: (formatted | STRING)+ {strings}
        formatted: FORMATTED formattedPiece* FORMATTED_END {formatted}
        formattedPiece: field | MIDDLE
        field: '{' yieldOrStar ['='] [conversion] [formatFull] '}' | badField
        conversion: a='!' b=NAME {conversion a b}
        formatFull: ':' formatPiece*
        formatPiece: a=MIDDLE {formatText a} | field
        list: '[' [a=starNamedExpressions] ']' {list}
        tuple: '(' [starNamedExpression ',' [starNamedExpressions]] ')' {tuple}
        set: '{' starNamedExpressions '}' {set}
        dict: '{' [pairs] '}' {dict} | '{' badPairs '}'
        pairs: ','.pairOrUnpacking+ [',']
        pairOrUnpacking: '**' bitOr | pair
        pair: expression ':' expression
        clauses: clause+
        clause: 'async' 'for' starTargets 'in' ~ disjunction ('if' disjunction)* | 'for' starTargets 'in' ~ disjunction ('if' disjunction)* | badClause | badForTarget
        listComprehension: '[' namedExpression clauses ']' {listComprehension} | badComprehension
        setComprehension: '{' namedExpression clauses '}' {setComprehension} | badComprehension
        generator: '(' (assignmentExpression | expression !':=') clauses ')' {generator} | badComprehension
        dictComprehension: '{' pair clauses '}' {dictComprehension} | badDictComprehension
        arguments @: args [','] &')' | badArguments
        args: ','.(starredArgument | (assignmentExpression | expression !':=') !'=')+ [',' keywords] {args} | keywords {args}
        keywords: ','.keywordOrStarred+ ',' ','.keywordOrDoubleStarred+ | ','.keywordOrStarred+ | ','.keywordOrDoubleStarred+
        starredArgument: badStarredArgument | '*' a=expression {starred a} | '*' {here "Invalid star expression"}
        keywordOrStarred: badKeyword | NAME '=' expression {keyword} | starredArgument
        keywordOrDoubleStarred: badKeyword | NAME '=' expression {keyword} | '**' expression {unpacking}
        yieldOrStar: yieldExpression | starExpressions
        starTargets: starTarget !',' | starTarget (',' starTarget)* [','] {tuple}
        starTargetList: ','.starTarget+ [',']
        starTargetTuple: starTarget (',' starTarget)+ [','] | starTarget ','
        starTarget @: '*' a=(!'*' starTarget) {starred a} | targetWithStarAtom
        targetWithStarAtom @: targetPrimary '.' NAME !trailer {attribute} | targetPrimary '[' slices ']' !trailer {subscript} | starAtom
        starAtom: NAME | '(' a=targetWithStarAtom ')' {= a} | '(' [starTargetTuple] ')' {tuple} | '[' [starTargetList] ']' {list}
        singleTarget: singlePlace | NAME | '(' a=singleTarget ')' {= a}
        singlePlace: targetPrimary '.' NAME !trailer {attribute} | targetPrimary '[' slices ']' !trailer {subscript}
        targetPrimary <: targetPrimary '.' NAME &trailer {attribute} | targetPrimary '[' slices ']' &trailer {subscript} | targetPrimary generator &trailer {call} | targetPrimary '(' [arguments] ')' &trailer {call} | atom &trailer
        trailer: '(' | '[' | '.'
        deleteTargets: ','.deleteTarget+ [',']
        deleteTarget @: targetPrimary '.' NAME !trailer | targetPrimary '[' slices ']' !trailer | deleteAtom
        deleteAtom: NAME | '(' deleteTarget ')' | '(' [deleteTargets] ')' | '[' [deleteTargets] ']'

        expressionPlain: disjunction 'if' disjunction 'else' expression {conditional} | disjunction | lambda
        badExpression: !(NAME STRING | SOFT) a=disjunction b=plainly {comma a b} | a=disjunction 'if' b=disjunction !('else' | ':') {span a b "expected 'else' after 'if' expression"} | a='lambda' [lambdaParameters] b=':' &MIDDLE {span a b "f-string: lambda expressions are not allowed without parentheses"}
        badLegacy: a=NAME !'(' b=starExpressions {legacy a b}
        badNamed @: a=expression ':=' expression {at a "cannot use assignment expressions with %n"} | a=NAME '=' b=bitOr !('=' | ':=') {span a b "invalid syntax. Maybe you meant '==' or ':=' instead of '='?"} | !(list | tuple | generator | 'True' | 'None' | 'False') a=bitOr '=' bitOr !('=' | ':=') {at a "cannot assign to %n here. Maybe you meant '==' instead of '='?"}
        badArithmetic: sum ('+' | '-' | '*' | '/' | '%' | '//' | '@') a='not' b=inversion {span a b "'not' after an operator must be parenthesized"}
        badFactor: ('+' | '-' | '~') a='not' b=factor {span a b "'not' after an operator must be parenthesized"}
        badGroup: '(' a=starredArgument ')' {at a "cannot use starred expression here"} | '(' a='**' expression ')' {at a "cannot use double starred expression here"}
        badPairs: ','.pairOrUnpacking+ ',' badPair | expression ':' a='*' bitOr {from a "cannot use a starred expression in a dictionary value"} | expression a=':' &('}' | ',') {at a "expression expected after dictionary key and ':'"}
        badPair: a=expression !':' {afterKey a "':' expected after dictionary key"} | expression ':' a='*' bitOr {from a "cannot use a starred expression in a dictionary value"} | expression a=':' &('}' | ',') {at a "expression expected after dictionary key and ':'"}
        badComprehension: ('[' | '(' | '{') a=starredArgument clauses {at a "iterable unpacking cannot be used in comprehension"} | ('[' | '{') a=starNamedExpression ',' b=starNamedExpressions clauses {spanItems a b "did you forget parentheses around the comprehension target?"} | ('[' | '{') a=starNamedExpression b=',' clauses {span a b "did you forget parentheses around the comprehension target?"}
        badDictComprehension: '{' a='**' bitOr clauses '}' {at a "dict unpacking cannot be used in dict comprehension"}
        badClause: ['async'] 'for' bitOr (',' bitOr)* [','] !'in' {here "'in' expected after for-loop variables"}
        badForTarget: ['async'] 'for' a=starExpressions {forTarget a}
        badArguments: ((','.(starredArgument | (assignmentExpression | expression !':=') !'=')+ ',' keywords) | keywords) a=',' ','.(starredArgument !'=')+ {from a "iterable argument unpacking follows keyword argument unpacking"} | a=expression b=clauses ',' [args | expression clauses] {span a b "Generator expression must be parenthesized"} | a=NAME b='=' expression clauses {span a b "invalid syntax. Maybe you meant '==' or ':=' instead of '='?"} | [args ','] a=NAME b='=' &(',' | ')') {span a b "expected argument value expression"} | a=args b=clauses {generatorArgument a b} | args ',' a=expression b=clauses {span a b "Generator expression must be parenthesized"} | a=args ',' args {argumentOrder a}
        badKeyword: a=('True' | 'False' | 'None') b='=' {span a b "cannot assign to %t"} | a=NAME b='=' expression clauses {span a b "invalid syntax. Maybe you meant '==' or ':=' instead of '='?"} | !(NAME '=') a=expression b='=' {span a b "expression cannot contain assignment, perhaps you meant \"==\"?"} | a='**' expression '=' b=expression {span a b "cannot assign to keyword argument unpacking"}
        badStarredArgument: a='*' expression '=' b=expression {span a b "cannot assign to iterable argument unpacking"}
        badField: '{' a='=' {at a "f-string: valid expression required before '='"} | '{' a='!' {at a "f-string: valid expression required before '!'"} | '{' a=':' {at a "f-string: valid expression required before ':'"} | '{' a='}' {at a "f-string: valid expression required before '}'"} | '{' !yieldOrStar {next "f-string: expecting a valid expression after '{'"} | '{' yieldOrStar !('=' | '!' | ':' | '}') {next "f-string: expecting '=', or '!', or ':', or '}'"} | '{' yieldOrStar '=' !('!' | ':' | '}') {next "f-string: expecting '!', or ':', or '}'"} | '{' yieldOrStar ['='] badConversion | '{' yieldOrStar ['='] ['!' NAME] !(':' | '}') {next "f-string: expecting ':' or '}'"} | '{' yieldOrStar ['='] ['!' NAME] ':' formatPiece* !'}' {next "f-string: expecting '}', or format specs"} | '{' yieldOrStar ['='] ['!' NAME] !'}' {next "f-string: expecting '}'"}
        badConversion: '!' &(':' | '}') {next "f-string: missing conversion character"} | '!' !NAME {next "f-string: invalid conversion character"}
        """#
}
