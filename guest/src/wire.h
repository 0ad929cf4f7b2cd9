/* What stands on the wire: frame types, bounds, and big-endian numbers. The specification is docs/guest-protocol.md. */
#ifndef PYRO_WIRE_H
#define PYRO_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define PROTOCOL_VERSION 4
#define AGENT_VERSION "1.0.0"

enum frame_type {
    FRAME_HELLO = 0x01,
    FRAME_REQUEST = 0x10,
    FRAME_DATA = 0x11,
    FRAME_END = 0x12,
    FRAME_HELLO_ACK = 0x81,
    FRAME_RESULT = 0x90,
    FRAME_ERROR = 0x91,
    FRAME_STDOUT = 0x92,
    FRAME_STDERR = 0x93,
    FRAME_DATA_OUT = 0x94,
    FRAME_ENTRIES = 0x95,
};

#define FRAME_HEADER 8
#define MAX_PAYLOAD 262144
#define MAX_DATA 65536
#ifndef FRAME_TIMEOUT_MS /* the tests wait for shorter ones */
#define FRAME_TIMEOUT_MS 10000
#endif
#define MAX_SESSIONS 8
#define MAX_PATH 4096
#define MAX_COMMAND 131000
#define MAX_VARIABLES 1024
#define MAX_ARGUMENTS 4096
#define MAX_WALK_ENTRIES 1000000
#define MAX_LEVELS 128

#define HELLO_MAGIC "PYRO-HEL"
#define ACK_MAGIC "PYRO-ACK"
#define MAGIC_SIZE 8
#define NONCE_SIZE 16
#define HELLO_SIZE (MAGIC_SIZE + 2 + NONCE_SIZE)

static inline void put_u16(uint8_t *at, uint16_t value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void put_u32(uint8_t *at, uint32_t value) {
    put_u16(at, (uint16_t)(value >> 16));
    put_u16(at + 2, (uint16_t)value);
}

static inline void put_u64(uint8_t *at, uint64_t value) {
    put_u32(at, (uint32_t)(value >> 32));
    put_u32(at + 4, (uint32_t)value);
}

static inline uint16_t get_u16(const uint8_t *at) {
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t get_u32(const uint8_t *at) {
    return (uint32_t)get_u16(at) << 16 | get_u16(at + 2);
}

static inline uint64_t get_u64(const uint8_t *at) {
    return (uint64_t)get_u32(at) << 32 | get_u32(at + 4);
}

#endif
