// Switching native stacks: what Swift cannot say.
//
//     void tiny_stack_switch(void **save, void *load);
//         Pushes the callee-saved registers, stores the stack pointer in *save, takes the one at `load` and pops its
//         registers: returns on the other stack, from the call that was made there. The floating-point control words are
//         not saved: nothing in this program changes them.
//     void tiny_stack_start(void);
//         What a new stack returns into (tiny_stack_make): calls the function in a saved register with the argument in
//         another. The function never returns.
// Under the thread sanitizer the first has another name: sanitizer.c has one around it.

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define tiny_stack_switch tiny_raw_stack_switch
#endif
#endif

#if defined(__x86_64__)
    .text
    .globl tiny_stack_switch
    .type tiny_stack_switch, @function
    .p2align 4
tiny_stack_switch:
    .cfi_startproc
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    retq
    .cfi_endproc
    .size tiny_stack_switch, .-tiny_stack_switch

    .globl tiny_stack_start
    .type tiny_stack_start, @function
tiny_stack_start:
    .cfi_startproc
    .cfi_undefined rip
    movq %r13, %rdi
    callq *%r12
    ud2
    .cfi_endproc
    .size tiny_stack_start, .-tiny_stack_start
    .section .note.GNU-stack,"",@progbits

#elif defined(__aarch64__)
    .text
    .globl tiny_stack_switch
    .type tiny_stack_switch, %function
    .p2align 4
tiny_stack_switch:
    sub sp, sp, #160
    stp x19, x20, [sp, #0]
    stp x21, x22, [sp, #16]
    stp x23, x24, [sp, #32]
    stp x25, x26, [sp, #48]
    stp x27, x28, [sp, #64]
    stp x29, x30, [sp, #80]
    stp d8, d9, [sp, #96]
    stp d10, d11, [sp, #112]
    stp d12, d13, [sp, #128]
    stp d14, d15, [sp, #144]
    mov x9, sp
    str x9, [x0]
    mov sp, x1
    ldp x19, x20, [sp, #0]
    ldp x21, x22, [sp, #16]
    ldp x23, x24, [sp, #32]
    ldp x25, x26, [sp, #48]
    ldp x27, x28, [sp, #64]
    ldp x29, x30, [sp, #80]
    ldp d8, d9, [sp, #96]
    ldp d10, d11, [sp, #112]
    ldp d12, d13, [sp, #128]
    ldp d14, d15, [sp, #144]
    add sp, sp, #160
    ret
    .size tiny_stack_switch, .-tiny_stack_switch

    .globl tiny_stack_start
    .type tiny_stack_start, %function
tiny_stack_start:
    mov x0, x20
    blr x19
    brk #1
    .size tiny_stack_start, .-tiny_stack_start
    .section .note.GNU-stack,"",@progbits
#else
#error "tiny_stack_switch: add this architecture"
#endif
