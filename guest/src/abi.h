/* Numbers of the Linux interface that musl's headers do not carry, so that building needs no kernel headers. */
#ifndef PYRO_ABI_H
#define PYRO_ABI_H

#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif

/* openat2(2) */
struct abi_open_how {
    uint64_t flags;
    uint64_t mode;
    uint64_t resolve;
};
#define ABI_RESOLVE_NO_MAGICLINKS 0x02
#define ABI_RESOLVE_NO_SYMLINKS 0x04
#define ABI_RESOLVE_BENEATH 0x08

/* renameat2(2) */
#define ABI_RENAME_NOREPLACE 1U
#define ABI_RENAME_EXCHANGE 2U

/* ioctl_tty(2) */
#define ABI_TIOCGPTPEER _IO('T', 0x41)

/* random(4) */
#define ABI_RNDADDENTROPY _IOW('R', 0x03, int[2])
#define ABI_RNDRESEEDCRNG _IO('R', 0x07)

/* rtnetlink(7) */
struct abi_netlink_address {
    uint16_t family;
    uint16_t padding;
    uint32_t process;
    uint32_t groups;
};
struct abi_netlink_header {
    uint32_t length;
    uint16_t type;
    uint16_t flags;
    uint32_t sequence;
    uint32_t process;
};
struct abi_route {
    uint8_t family;
    uint8_t destination_length;
    uint8_t source_length;
    uint8_t tos;
    uint8_t table;
    uint8_t protocol;
    uint8_t scope;
    uint8_t type;
    uint32_t flags;
};
struct abi_attribute {
    uint16_t length;
    uint16_t type;
};
#define ABI_NETLINK_ROUTE 0
#define ABI_NETLINK_STRICT_CHECK 12
#define ABI_NETLINK_ALIGN(length) (((length) + 3U) & ~3U)
#define ABI_GROUP_IPV4_ADDRESS 0x10U
#define ABI_GROUP_IPV4_ROUTE 0x40U
#define ABI_MESSAGE_ERROR 2
#define ABI_MESSAGE_DONE 3
#define ABI_MESSAGE_NEW_ROUTE 24
#define ABI_MESSAGE_GET_ROUTE 26
#define ABI_FLAG_REQUEST 0x1
#define ABI_FLAG_DUMP 0x300
#define ABI_FLAG_DUMP_INTERRUPTED 0x10
#define ABI_TABLE_LOCAL 255
#define ABI_ROUTE_LOCAL 2
#define ABI_ATTRIBUTE_DESTINATION 1

/* Block devices, file systems and ext4. */
#define ABI_FIFREEZE _IOWR('X', 119, int)
#define ABI_FITHAW _IOWR('X', 120, int)
#define ABI_BLKGETSIZE64 _IOR(0x12, 114, size_t)
#define ABI_BLKFLSBUF _IO(0x12, 97)
#define ABI_EXT4_IOC_RESIZE_FS _IOW('f', 16, uint64_t)

/* capabilities(7) */
#define ABI_CAPABILITY_VERSION_3 0x20080522
struct abi_capability_header {
    uint32_t version;
    int pid;
};
struct abi_capability_data {
    uint32_t effective;
    uint32_t permitted;
    uint32_t inheritable;
};
enum abi_capability {
    ABI_CAP_CHOWN = 0,
    ABI_CAP_DAC_OVERRIDE = 1,
    ABI_CAP_FOWNER = 3,
    ABI_CAP_FSETID = 4,
    ABI_CAP_KILL = 5,
    ABI_CAP_SETGID = 6,
    ABI_CAP_SETUID = 7,
    ABI_CAP_SETPCAP = 8,
    ABI_CAP_NET_BIND_SERVICE = 10,
    ABI_CAP_SYS_CHROOT = 18,
    ABI_CAP_LIMIT = 64,
};

#endif
