#include "privileges.h"

#include "abi.h"

#include <errno.h>
#include <sys/prctl.h>
#include <unistd.h>

/* All of them act only within the user namespace: on files of its ids, on its processes, in its own network. */
static const uint64_t KEPT = 1ULL << ABI_CAP_CHOWN | 1ULL << ABI_CAP_DAC_OVERRIDE | 1ULL << ABI_CAP_FOWNER |
                             1ULL << ABI_CAP_FSETID | 1ULL << ABI_CAP_KILL | 1ULL << ABI_CAP_SETGID |
                             1ULL << ABI_CAP_SETUID | 1ULL << ABI_CAP_SETPCAP | 1ULL << ABI_CAP_NET_BIND_SERVICE |
                             1ULL << ABI_CAP_SYS_CHROOT;

bool privileges_drop(void) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return false;
    }
    struct abi_capability_header header = {.version = ABI_CAPABILITY_VERSION_3};
    struct abi_capability_data data[2];
    if (syscall(SYS_capget, &header, data) != 0) {
        return false;
    }
    for (int capability = 0; capability < ABI_CAP_LIMIT; capability++) {
        if ((KEPT >> capability & 1) == 0 && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) {
            if (errno == EINVAL) {
                break; /* the kernel knows no further ones */
            }
            return false;
        }
    }
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    for (int half = 0; half < 2; half++) {
        data[half].permitted &= (uint32_t)(KEPT >> 32 * half);
        data[half].effective = data[half].permitted;
        data[half].inheritable = 0;
    }
    return syscall(SYS_capset, &header, data) == 0;
}
