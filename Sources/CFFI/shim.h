// libffi by letters: a function's types are a text of struct's codes (P: an address, v: nothing). Swift can't name libffi's
// types itself, since they are variables.
#include <errno.h>
#include <ffi.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { TINY_FFI_MOST = 64 };

static inline ffi_type *tiny_ffi_type(char code) {
    switch (code) {
    case 'b': return &ffi_type_sint8;
    case 'B': return &ffi_type_uint8;
    case 'h': return &ffi_type_sint16;
    case 'H': return &ffi_type_uint16;
    case 'i': return &ffi_type_sint32;
    case 'I': return &ffi_type_uint32;
    case 'q': return &ffi_type_sint64;
    case 'Q': return &ffi_type_uint64;
    case 'f': return &ffi_type_float;
    case 'd': return &ffi_type_double;
    case 'P': return &ffi_type_pointer;
    default: return &ffi_type_void;
    }
}

// Calls a function. `slots` holds the arguments, 8 bytes each, `result` takes what it gives; `error` is errno before and after.
static inline int tiny_ffi_call(
    void *function, const char *codes, int count, uint64_t *slots, char result_code, uint64_t *result, int *error
) {
    ffi_type *types[TINY_FFI_MOST];
    void *places[TINY_FFI_MOST];
    ffi_cif cif;
    if (count > TINY_FFI_MOST) return -1;
    for (int i = 0; i < count; i++) {
        types[i] = tiny_ffi_type(codes[i]);
        places[i] = &slots[i];
    }
    if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, count, tiny_ffi_type(result_code), types) != FFI_OK) return -1;
    errno = *error;
    ffi_call(&cif, FFI_FN(function), result, places);
    *error = errno;
    return 0;
}

// A C function made of something else: `body` gets what was given here, the arguments' places, and where the result goes.
typedef void (*tiny_ffi_body)(uintptr_t context, void **arguments, void *result);
struct tiny_ffi_closure {
    ffi_cif cif;
    ffi_type *types[TINY_FFI_MOST];
    tiny_ffi_body body;
    uintptr_t context;
    void *code;
};

static inline void tiny_ffi_enter(ffi_cif *cif, void *result, void **arguments, void *context) {
    struct tiny_ffi_closure *closure = (struct tiny_ffi_closure *)context;
    closure->body(closure->context, arguments, result);
}

// The function's address; NULL for a failure. It is never freed: nobody knows who still has it.
static inline void *tiny_ffi_closure(const char *codes, int count, char result_code, tiny_ffi_body body, uintptr_t context) {
    struct tiny_ffi_closure *closure = (struct tiny_ffi_closure *)calloc(1, sizeof *closure);
    if (!closure || count > TINY_FFI_MOST) return NULL;
    ffi_closure *writable = (ffi_closure *)ffi_closure_alloc(sizeof(ffi_closure), &closure->code);
    for (int i = 0; i < count; i++) closure->types[i] = tiny_ffi_type(codes[i]);
    closure->body = body;
    closure->context = context;
    if (!writable || ffi_prep_cif(&closure->cif, FFI_DEFAULT_ABI, count, tiny_ffi_type(result_code), closure->types) != FFI_OK
        || ffi_prep_closure_loc(writable, &closure->cif, tiny_ffi_enter, closure, closure->code) != FFI_OK) return NULL;
    return closure->code;
}
