// The statements of the language, with the wrong forms that CPython 3.13 has a message for (`bad…`).

extension Grammar {
    static let statements = #"""
        file: [statements] END
        interactive: compound NEWLINE | simples | NEWLINE | END
        eval: expressions NEWLINE* END
        statements: statement+
        statement: compound | simples
        simples: simple !';' NEWLINE | ';'.simple+ [';'] NEWLINE
        simple @: assignment | &"type" typeAlias | starExpressions | &'return' returnStatement | &('import' | 'from') importStatement | &'raise' raiseStatement | 'pass' | &'del' deleteStatement | &'yield' yieldExpression | &'assert' assertStatement | 'break' | 'continue' | &'global' globalStatement | &'nonlocal' nonlocalStatement
        compound: &('def' | '@' | 'async') functionDefinition | &'if' ifStatement | &('class' | '@') classDefinition | &('with' | 'async') withStatement | &('for' | 'async') forStatement | &'try' tryStatement | &'while' whileStatement | matchStatement
        assignment: NAME ':' expression ['=' yieldOrStar] | ('(' singleTarget ')' | singlePlace) ':' expression ['=' yieldOrStar] | (starTargets '=')+ yieldOrStar !'=' | singleTarget augmented ~ yieldOrStar | badAssignment
        augmented: '+=' | '-=' | '*=' | '@=' | '/=' | '%=' | '&=' | '|=' | '^=' | '<<=' | '>>=' | '**=' | '//='
        returnStatement: 'return' [starExpressions]
        raiseStatement: 'raise' expression ['from' expression] | 'raise'
        globalStatement: 'global' ','.NAME+
        nonlocalStatement: 'nonlocal' ','.NAME+
        deleteStatement: 'del' deleteTargets &(';' | NEWLINE) | badDelete
        assertStatement: 'assert' expression [',' expression]
        typeAlias: "type" NAME [typeParameters] '=' expression
        importStatement: badImport | importName | importFrom
        importName: 'import' ','.dottedAs+
        importFrom: 'from' ('.' | '...')* dottedName 'import' importTargets | 'from' ('.' | '...')+ 'import' importTargets
        importTargets: '(' importNames [','] ')' | importNames !',' | '*' | badImportTargets
        importNames: ','.(NAME ['as' NAME])+
        dottedAs: dottedName ['as' NAME]
        dottedName <: dottedName '.' NAME | NAME

        block @: NEWLINE INDENT statements DEDENT | simples | badBlock
        decorators: ('@' namedExpression NEWLINE)+
        classDefinition: decorators classRaw | classRaw
        classRaw: badClass | 'class' NAME [typeParameters] ['(' [arguments] ')'] ':' block
        functionDefinition: decorators functionRaw | functionRaw
        functionRaw: badDef | 'def' NAME [typeParameters] &&'(' [parameters] ')' ['->' expression] &&':' block | 'async' 'def' NAME [typeParameters] &&'(' [parameters] ')' ['->' expression] &&':' block
        ifStatement: badIf | 'if' namedExpression ':' block elifStatement | 'if' namedExpression ':' block [elseBlock]
        elifStatement: badElif | 'elif' namedExpression ':' block elifStatement | 'elif' namedExpression ':' block [elseBlock]
        elseBlock: badElse | 'else' &&':' block
        whileStatement: badWhile | 'while' namedExpression ':' block [elseBlock]
        forStatement: badFor | 'for' starTargets 'in' ~ starExpressions ':' block [elseBlock] | 'async' 'for' starTargets 'in' ~ starExpressions ':' block [elseBlock] | badForTarget
        withStatement: badWithIndent | 'with' '(' ','.withItem+ [','] ')' ':' block | 'with' ','.withItem+ ':' block | 'async' 'with' '(' ','.withItem+ [','] ')' ':' block | 'async' 'with' ','.withItem+ ':' block | badWith
        withItem: expression 'as' starTarget &(',' | ')' | ':') | badWithItem | expression
        tryStatement: badTry | 'try' &&':' block finallyBlock | 'try' &&':' block exceptBlock+ [elseBlock] [finallyBlock] | 'try' &&':' block exceptStarBlock+ [elseBlock] [finallyBlock]
        exceptBlock: badExceptIndent | 'except' expression ['as' NAME] ':' block | 'except' ':' block | badExcept
        exceptStarBlock: badExceptStarIndent | 'except' '*' expression ['as' NAME] ':' block | badExcept
        finallyBlock: badFinally | 'finally' &&':' block

        badBlock: NEWLINE !INDENT {indent "expected an indented block"}
        badAssignment: a=badAnnotated ':' expression {at a "only single target (not %n) can be annotated"} | a=starNamedExpression ',' starNamedExpressions* ':' expression {at a "only single target (not tuple) can be annotated"} | a=expression ':' expression {at a "illegal target for annotation"} | (starTargets '=')* a=starExpressions '=' {starTarget a} | (starTargets '=')* a=yieldExpression '=' {at a "assignment to yield expression not possible"} | a=starExpressions augmented yieldOrStar {at a "'%n' is an illegal expression for augmented assignment"}
        badAnnotated: list | tuple | '(' a=badAnnotated ')' {= a}
        badDelete: 'del' a=starExpressions {deleteTarget a}
        badWithItem: expression 'as' a=expression &(',' | ')' | ':') {starTarget a}
        badImport: a='import' ','.dottedName+ 'from' dottedName {from a "Did you mean to use 'from ... import ...' instead?"} | 'import' a=NEWLINE {from a "Expected one or more names after 'import'"}
        badImportTargets: importNames ',' NEWLINE {here "trailing comma not allowed without surrounding parentheses"} | a=NEWLINE {from a "Expected one or more names after 'import'"}
        badWith: ['async'] 'with' ','.(expression ['as' starTarget])+ NEWLINE {here "expected ':'"} | ['async'] 'with' '(' ','.(expressions ['as' starTarget])+ [','] ')' NEWLINE {here "expected ':'"}
        badWithIndent: ['async'] a='with' ','.(expression ['as' starTarget])+ ':' NEWLINE !INDENT {indent a "expected an indented block after 'with' statement on line %l"} | ['async'] a='with' '(' ','.(expressions ['as' starTarget])+ [','] ')' ':' NEWLINE !INDENT {indent a "expected an indented block after 'with' statement on line %l"}
        badTry: a='try' ':' NEWLINE !INDENT {indent a "expected an indented block after 'try' statement on line %l"} | 'try' ':' block !('except' | 'finally') {here "expected 'except' or 'finally' block"} | 'try' ':' block* exceptBlock+ a='except' b='*' expression ['as' NAME] ':' {span a b "cannot have both 'except' and 'except*' on the same 'try'"} | 'try' ':' block* exceptStarBlock+ a='except' [expression ['as' NAME]] ':' {at a "cannot have both 'except' and 'except*' on the same 'try'"}
        badExcept: 'except' ['*'] a=expression ',' expressions ['as' NAME] ':' {from a "multiple exception types must be parenthesized"} | 'except' ['*'] expression ['as' NAME] NEWLINE {here "expected ':'"} | 'except' NEWLINE {here "expected ':'"} | 'except' '*' (NEWLINE | ':') {here "expected one or more exception types"}
        badFinally: a='finally' ':' NEWLINE !INDENT {indent a "expected an indented block after 'finally' statement on line %l"}
        badExceptIndent: a='except' expression ['as' NAME] ':' NEWLINE !INDENT {indent a "expected an indented block after 'except' statement on line %l"} | a='except' ':' NEWLINE !INDENT {indent a "expected an indented block after 'except' statement on line %l"}
        badExceptStarIndent: a='except' '*' expression ['as' NAME] ':' NEWLINE !INDENT {indent a "expected an indented block after 'except*' statement on line %l"}
        badIf: 'if' namedExpression NEWLINE {here "expected ':'"} | a='if' namedExpression ':' NEWLINE !INDENT {indent a "expected an indented block after 'if' statement on line %l"}
        badElif: 'elif' namedExpression NEWLINE {here "expected ':'"} | a='elif' namedExpression ':' NEWLINE !INDENT {indent a "expected an indented block after 'elif' statement on line %l"}
        badElse: a='else' ':' NEWLINE !INDENT {indent a "expected an indented block after 'else' statement on line %l"}
        badWhile: 'while' namedExpression NEWLINE {here "expected ':'"} | a='while' namedExpression ':' NEWLINE !INDENT {indent a "expected an indented block after 'while' statement on line %l"}
        badFor: ['async'] 'for' starTargets 'in' starExpressions NEWLINE {here "expected ':'"} | ['async'] a='for' starTargets 'in' starExpressions ':' NEWLINE !INDENT {indent a "expected an indented block after 'for' statement on line %l"}
        badDef: ['async'] a='def' NAME [typeParameters] '(' [parameters] ')' ['->' expression] ':' NEWLINE !INDENT {indent a "expected an indented block after function definition on line %l"}
        badClass: 'class' NAME [typeParameters] ['(' [arguments] ')'] NEWLINE {here "expected ':'"} | a='class' NAME [typeParameters] ['(' [arguments] ')'] ':' NEWLINE !INDENT {indent a "expected an indented block after class definition on line %l"}
        """#
}
