// So many bytes in front of a program's other functions, which thereby lie otherwise in the
// processor's caches and predictors: see querytap_add_layouts() in bench/CMakeLists.txt.

#define QUERYTAP_TEXT_OF(number) #number
#define QUERYTAP_TEXT(number) QUERYTAP_TEXT_OF(number)

asm(".text\n"
    ".balign 16\n"
    ".skip " QUERYTAP_TEXT(QUERYTAP_PADDING) "\n");
