#include "network.h"

#include "scope.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define MAX_CARD_INDEX 64

static int open_control(void) {
    return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static bool bring_up(int control, struct ifreq *card) {
    if (ioctl(control, SIOCGIFFLAGS, card) != 0) {
        return false;
    }
    card->ifr_flags = (short)(card->ifr_flags | IFF_UP);
    return ioctl(control, SIOCSIFFLAGS, card) == 0;
}

void network_start_loopback(void) {
    SCOPED_FD control = open_control();
    struct ifreq card = {.ifr_name = "lo"};
    if (control >= 0) {
        (void)bring_up(control, &card);
    }
}

static bool find_card(int control, const uint8_t *hardware_address, struct ifreq *card) {
    for (int index = 1; index <= MAX_CARD_INDEX; index++) {
        memset(card, 0, sizeof *card);
        card->ifr_ifindex = index;
        if (ioctl(control, SIOCGIFNAME, card) == 0 && ioctl(control, SIOCGIFHWADDR, card) == 0 &&
            card->ifr_hwaddr.sa_family == ARPHRD_ETHER &&
            memcmp(card->ifr_hwaddr.sa_data, hardware_address, NETWORK_CARD_ADDRESS) == 0) {
            return true;
        }
    }
    return false;
}

static void set_address(struct sockaddr *target, uint32_t address) {
    struct sockaddr_in internet = {.sin_family = AF_INET, .sin_addr.s_addr = address};
    memcpy(target, &internet, sizeof internet);
}

static bool add_route(int control, struct ifreq *card, uint32_t destination, uint32_t mask, uint32_t gateway) {
    struct rtentry route = {.rt_flags = RTF_UP, .rt_dev = card->ifr_name};
    set_address(&route.rt_dst, destination);
    set_address(&route.rt_genmask, mask);
    set_address(&route.rt_gateway, gateway);
    if (gateway != 0) {
        route.rt_flags |= RTF_GATEWAY;
    }
    if (mask == 0xffffffff) {
        route.rt_flags |= RTF_HOST;
    }
    return ioctl(control, SIOCADDRT, &route) == 0 || errno == EEXIST;
}

bool network_configure(const uint8_t *hardware_address, unsigned prefix_length, const uint8_t *address,
                       const uint8_t *gateway, struct error *error) {
    SCOPED_FD control = open_control();
    if (control < 0) {
        return fail(error, ERROR_IO, errno, "cannot make a socket");
    }
    struct ifreq card;
    if (!find_card(control, hardware_address, &card)) {
        const uint8_t *mac = hardware_address;
        return fail(error, ERROR_IO, ENODEV, "the machine has no network card %02x:%02x:%02x:%02x:%02x:%02x", mac[0],
                    mac[1], mac[2], mac[3], mac[4], mac[5]);
    }
    uint32_t own;
    uint32_t way_out;
    memcpy(&own, address, sizeof own);
    memcpy(&way_out, gateway, sizeof way_out);
    uint32_t mask = prefix_length == 0 ? 0 : htonl(0xffffffffU << (32 - prefix_length));
    set_address(&card.ifr_addr, own);
    if (ioctl(control, SIOCSIFADDR, &card) != 0) {
        return fail_errno(error, "cannot set the address of", card.ifr_name);
    }
    set_address(&card.ifr_netmask, mask);
    if (ioctl(control, SIOCSIFNETMASK, &card) != 0) {
        return fail_errno(error, "cannot set the network mask of", card.ifr_name);
    }
    if (!bring_up(control, &card)) {
        return fail_errno(error, "cannot bring up", card.ifr_name);
    }
    if (way_out == 0) {
        return true;
    }
    bool direct = (own & mask) == (way_out & mask);
    if ((!direct && !add_route(control, &card, way_out, 0xffffffff, 0)) || !add_route(control, &card, 0, 0, way_out)) {
        return fail_errno(error, "cannot set the way out through", card.ifr_name);
    }
    return true;
}
