/* SPDX-License-Identifier: MIT */
#include "daemon/doctor/lines.h"

#include <stddef.h>

const struct doctor_check_row doctor_checks[CHECKS] = {
    [CHECK_CONFIG] = { "config", "Configuration",
                       "strided.conf, strided.conf.d and assigned.conf, read as strided "
                       "--check-config reads them" },
    [CHECK_SERVICE] = { "service", "Service", "what systemd says of strided.service" },
    [CHECK_BUS] = { "bus", "System bus", "a connection to it" },
    [CHECK_DAEMON] = { "daemon", "strided", "a question to org.strided1" },
    [CHECK_BLUETOOTHD] = { "bluetoothd", "bluetoothd",
                           "a question to org.bluez, systemd's word, and the version in a table of "
                           "known bugs" },
    [CHECK_ADAPTER] = { "adapter", "Bluetooth adapter",
                        "org.bluez, /sys/class/bluetooth, /sys/class/rfkill and Adapter=" },
    [CHECK_DISCOVERY] = { "discovery", "Scanning",
                          "whether the adapter scans while strided says that it does not" },
    [CHECK_SENSORS] = { "sensors", "Sensors",
                        "each as strided sees it, or else as org.bluez does" },
    [CHECK_LINKS] = { "links", "Links", "strided's counts of links that were lost" },
    [CHECK_WIFI] = { "wifi", "Wi-Fi beside Bluetooth",
                     "on a Raspberry Pi: its own radio, and the channel of its Wi-Fi" },
    [CHECK_CLOCK] = { "clock", "Clock", "timedate1, /sys/class/rtc, and the time of the build" },
    [CHECK_DISK] = { "disk", "State folder", "its room, mount, owner and rights" },
    [CHECK_DATABASE] = { "database", "Database",
                         "opened for reading: its pages, version and owner" },
    [CHECK_RECORDINGS] = { "recordings", "Recordings", "their folder, and what was set aside" },
    [CHECK_IMPORT] = { "import", "Import folder",
                       "each folder on the way, with the rights of the service's user and the "
                       "unit's sandbox" },
    [CHECK_BROKER] = { "broker", "Broker", "its name is looked up, its port called" },
    [CHECK_TLS] = { "tls", "TLS", "a handshake with its certificate, as strided makes it" },
    [CHECK_LOGIN] = { "login", "Login at the broker",
                      "a CONNECT with the configured login, under another client identifier" },
    [CHECK_TOPICS] = { "topics", "Topics", "the gateway's own retained status, read back" },
    [CHECK_HOME_ASSISTANT] = { "homeassistant", "Home Assistant",
                               "its status, retained or heard by strided, and our announcements to "
                               "it" },
    [CHECK_NAME] = { "name", "Gateway name", "who speaks under it: the retained info" },
    [CHECK_PROBLEMS] = { "problems", "Problems", "what strided itself says is wrong" },
};

#define CONNECTED_ELSEWHERE                                                                        \
    "End its connection in the app or watch that may hold it, wake it up, and look with 'sudo "    \
    "strided --scan'."

const struct doctor_line_row doctor_lines[DOCTOR_LINES] = {
    [CONFIG_SOUND] = { "config-sound", CHECK_CONFIG, DOCTOR_OK, NULL },
    [CONFIG_NONE] = { "config-none", CHECK_CONFIG, DOCTOR_WARN,
                      "Write {}, as README's 'Set up a Pi' does." },
    [CONFIG_WRONG] = { "config-wrong", CHECK_CONFIG, DOCTOR_FAIL,
                       "Mend that, then 'sudo systemctl reload-or-restart strided'." },
    [CONFIG_DOUBT] = { "config-doubt", CHECK_CONFIG, DOCTOR_WARN,
                       "Mend that, then 'sudo systemctl reload-or-restart strided'." },
    [CONFIG_SECRET] = { "config-secret", CHECK_CONFIG, DOCTOR_FAIL,
                        "Give it to the service's user, 'sudo chown {user} {}', or let it pass "
                        "there." },
    [CONFIG_HIDDEN] = { "config-hidden", CHECK_CONFIG, DOCTOR_FAIL,
                        "Move it to /etc/strided, with owner {user} and mode 0600." },
    [CONFIG_SKIPPED] = { "config-skipped", CHECK_CONFIG, DOCTOR_SKIPPED, "Run it with sudo." },

    [SERVICE_RUNS] = { "service-runs", CHECK_SERVICE, DOCTOR_OK, NULL },
    [SERVICE_BY_HAND] = { "service-by-hand", CHECK_SERVICE, DOCTOR_OK, NULL },
    [SERVICE_NONE] = { "service-none", CHECK_SERVICE, DOCTOR_FAIL,
                       "Install it: 'sudo ./run install' in its source." },
    [SERVICE_MASKED] = { "service-masked", CHECK_SERVICE, DOCTOR_FAIL,
                         "Allow it: 'sudo systemctl unmask strided', then 'sudo systemctl enable "
                         "--now strided'." },
    [SERVICE_STOPPED] = { "service-stopped", CHECK_SERVICE, DOCTOR_FAIL,
                          "Start it: 'sudo systemctl start strided'." },
    [SERVICE_STARTING] = { "service-starting", CHECK_SERVICE, DOCTOR_WARN,
                           "Wait a moment, and look again." },
    [SERVICE_FAILED] = { "service-failed", CHECK_SERVICE, DOCTOR_FAIL,
                         "See why in 'sudo journalctl -u strided -n 50', mend it, and 'sudo "
                         "systemctl restart strided'." },
    [SERVICE_CONFIG] = { "service-config", CHECK_SERVICE, DOCTOR_FAIL,
                         "Mend what 'sudo strided --check-config' says, and 'sudo systemctl "
                         "restart strided'." },
    [SERVICE_TAKEN] = { "service-taken", CHECK_SERVICE, DOCTOR_FAIL,
                        "End the other strided that uses the state folder." },
    [SERVICE_AGAIN] = { "service-again", CHECK_SERVICE, DOCTOR_FAIL,
                        "See why it ends each time in 'sudo journalctl -u strided -n 50'." },
    [SERVICE_LIMIT] = { "service-limit", CHECK_SERVICE, DOCTOR_FAIL,
                        "Mend what the journal says, then 'sudo systemctl reset-failed strided' "
                        "and 'sudo systemctl start strided'." },
    [SERVICE_RESTARTED] = { "service-restarted", CHECK_SERVICE, DOCTOR_WARN,
                            "See why it ended in 'sudo journalctl -u strided -p warning'." },
    [SERVICE_DISABLED] = { "service-disabled", CHECK_SERVICE, DOCTOR_WARN,
                           "Have it start at boot: 'sudo systemctl enable strided'." },
    [SERVICE_OLD_UNIT] = { "service-old-unit", CHECK_SERVICE, DOCTOR_WARN,
                           "Take the new one: 'sudo systemctl daemon-reload', then 'sudo "
                           "systemctl restart strided'." },
    [SERVICE_SKIPPED] = { "service-skipped", CHECK_SERVICE, DOCTOR_SKIPPED, NULL },

    [BUS_THERE] = { "bus-there", CHECK_BUS, DOCTOR_OK, NULL },
    [BUS_NONE] = { "bus-none", CHECK_BUS, DOCTOR_FAIL,
                   "Have it: 'sudo apt install dbus', 'sudo systemctl start dbus.socket'." },
    [BUS_SILENT] = { "bus-silent", CHECK_BUS, DOCTOR_FAIL,
                     "Reboot: what uses the bus does not survive a restart of it." },

    [DAEMON_ANSWERS] = { "daemon-answers", CHECK_DAEMON, DOCTOR_OK, NULL },
    [DAEMON_SILENT] = { "daemon-silent", CHECK_DAEMON, DOCTOR_FAIL,
                        "Restart it, 'sudo systemctl restart strided', and report its journal." },
    [DAEMON_UNNAMED] = { "daemon-unnamed", CHECK_DAEMON, DOCTOR_WARN,
                         "Install its D-Bus policy with 'sudo ./run install', or 'sudo systemctl "
                         "reload dbus' and 'sudo systemctl restart strided'." },
    [DAEMON_OTHER] = { "daemon-other", CHECK_DAEMON, DOCTOR_WARN,
                       "Restart it: 'sudo systemctl restart strided'." },
    [DAEMON_SKIPPED] = { "daemon-skipped", CHECK_DAEMON, DOCTOR_SKIPPED, NULL },

    [BLUETOOTHD_RUNS] = { "bluetoothd-runs", CHECK_BLUETOOTHD, DOCTOR_OK, NULL },
    [BLUETOOTHD_BUG] = { "bluetoothd-bug", CHECK_BLUETOOTHD, DOCTOR_WARN,
                         "Use another version, such as Debian's own: {}." },
    [BLUETOOTHD_MISSING] = { "bluetoothd-missing", CHECK_BLUETOOTHD, DOCTOR_FAIL,
                             "Install it: 'sudo apt install bluez'." },
    [BLUETOOTHD_MASKED] = { "bluetoothd-masked", CHECK_BLUETOOTHD, DOCTOR_FAIL,
                            "Allow it: 'sudo systemctl unmask bluetooth', then 'sudo systemctl "
                            "enable --now bluetooth'." },
    [BLUETOOTHD_STOPPED] = { "bluetoothd-stopped", CHECK_BLUETOOTHD, DOCTOR_FAIL,
                             "Start it: 'sudo systemctl enable --now bluetooth'." },
    [BLUETOOTHD_FAILED] = { "bluetoothd-failed", CHECK_BLUETOOTHD, DOCTOR_FAIL,
                            "Start it again, 'sudo systemctl restart bluetooth', and see why in "
                            "'sudo journalctl -u bluetooth'." },
    [BLUETOOTHD_NONE] = { "bluetoothd-none", CHECK_BLUETOOTHD, DOCTOR_FAIL,
                          "Start it: 'sudo systemctl start bluetooth', or whatever does so here." },
    [BLUETOOTHD_SILENT] = { "bluetoothd-silent", CHECK_BLUETOOTHD, DOCTOR_FAIL,
                            "Make it anew: 'sudo systemctl restart bluetooth'." },
    [BLUETOOTHD_SKIPPED] = { "bluetoothd-skipped", CHECK_BLUETOOTHD, DOCTOR_SKIPPED, NULL },

    [ADAPTER_POWERED] = { "adapter-powered", CHECK_ADAPTER, DOCTOR_OK, NULL },
    [ADAPTER_NONE] = { "adapter-none", CHECK_ADAPTER, DOCTOR_FAIL,
                       "Plug one in; on a Pi, remove 'dtoverlay=disable-bt' from config.txt." },
    [ADAPTER_UNCLAIMED] = { "adapter-unclaimed", CHECK_ADAPTER, DOCTOR_FAIL,
                            "'sudo systemctl restart bluetooth'; if it stays, 'sudo dmesg | grep "
                            "-i bluetooth' tells of a missing firmware." },
    [ADAPTER_MISSING] = { "adapter-missing", CHECK_ADAPTER, DOCTOR_FAIL,
                          "Plug it in, or mend Adapter= in [Gateway]." },
    [ADAPTER_OFF] = { "adapter-off", CHECK_ADAPTER, DOCTOR_FAIL,
                      "Switch it on: 'bluetoothctl power on'." },
    [ADAPTER_SOFT] = { "adapter-soft", CHECK_ADAPTER, DOCTOR_FAIL,
                       "Free it: 'sudo rfkill unblock bluetooth'." },
    [ADAPTER_HARD] = { "adapter-hard", CHECK_ADAPTER, DOCTOR_FAIL,
                       "Turn the switch or key of this machine that blocks its radios." },
    [ADAPTER_SKIPPED] = { "adapter-skipped", CHECK_ADAPTER, DOCTOR_SKIPPED, NULL },

    [DISCOVERY_FREE] = { "discovery-free", CHECK_DISCOVERY, DOCTOR_OK, NULL },
    [DISCOVERY_OTHER] = { "discovery-other", CHECK_DISCOVERY, DOCTOR_WARN,
                          "End what else scans on this adapter (bluetoothctl, a Bluetooth "
                          "integration), or give it an adapter of its own." },
    [DISCOVERY_SKIPPED] = { "discovery-skipped", CHECK_DISCOVERY, DOCTOR_SKIPPED, NULL },

    [SENSOR_WELL] = { "sensor-well", CHECK_SENSORS, DOCTOR_OK, NULL },
    [SENSOR_NONE] = { "sensor-none", CHECK_SENSORS, DOCTOR_WARN,
                      "See who is there with 'sudo strided --scan', and put its lines into the "
                      "configuration." },
    [SENSOR_UNHEARD] = { "sensor-unheard", CHECK_SENSORS, DOCTOR_WARN, CONNECTED_ELSEWHERE },
    [SENSOR_ELSEWHERE] = { "sensor-elsewhere", CHECK_SENSORS, DOCTOR_WARN, CONNECTED_ELSEWHERE },
    [SENSOR_MUTE] = { "sensor-mute", CHECK_SENSORS, DOCTOR_WARN,
                      "Wear or move it; if it stays, take out its battery for a moment." },
    [SENSOR_BATTERY] = { "sensor-battery", CHECK_SENSORS, DOCTOR_WARN,
                         "Give it a new battery, or charge it." },
    [SENSOR_WEAK] = { "sensor-weak", CHECK_SENSORS, DOCTOR_WARN,
                      "Move this machine closer, or give it a USB Bluetooth adapter on a cable." },
    [SENSOR_HELD] = { "sensor-held", CHECK_SENSORS, DOCTOR_WARN,
                      "End the program that connected it; what a killed one left ends by "
                      "'bluetoothctl disconnect {}'." },
    [SENSOR_SKIPPED] = { "sensor-skipped", CHECK_SENSORS, DOCTOR_SKIPPED, NULL },

    [LINKS_HOLD] = { "links-hold", CHECK_LINKS, DOCTOR_OK, NULL },
    [LINKS_INTERVAL] = { "links-interval", CHECK_LINKS, DOCTOR_FAIL,
                         "Allow its connection interval: 'MaxConnectionInterval=400' under [LE] in "
                         "/etc/bluetooth/main.conf, and 'sudo systemctl restart bluetooth'." },
    [LINKS_DROP] = { "links-drop", CHECK_LINKS, DOCTOR_WARN,
                     "Bring it closer, keep 2.4 GHz Wi-Fi and USB 3 away from the adapter, or use "
                     "another adapter." },
    [LINKS_SKIPPED] = { "links-skipped", CHECK_LINKS, DOCTOR_SKIPPED, NULL },

    [WIFI_APART] = { "wifi-apart", CHECK_WIFI, DOCTOR_OK, NULL },
    [WIFI_SHARED] = { "wifi-shared", CHECK_WIFI, DOCTOR_WARN,
                      "Use Ethernet or 5 GHz Wi-Fi, or a USB Bluetooth adapter named in "
                      "Adapter=." },
    [WIFI_PERHAPS] = { "wifi-perhaps", CHECK_WIFI, DOCTOR_WARN,
                       "See its channel with 'iw dev {} link': at 2.4 GHz use Ethernet, 5 GHz, or "
                       "a USB Bluetooth adapter." },
    [WIFI_SKIPPED] = { "wifi-skipped", CHECK_WIFI, DOCTOR_SKIPPED, NULL },

    [CLOCK_LINE_SYNCED] = { "clock-synced", CHECK_CLOCK, DOCTOR_OK, NULL },
    [CLOCK_LINE_RTC] = { "clock-rtc", CHECK_CLOCK, DOCTOR_OK, NULL },
    [CLOCK_LINE_ASSUMED] = { "clock-assumed", CHECK_CLOCK, DOCTOR_WARN,
                             "Have the network set it: 'sudo timedatectl set-ntp true'." },
    [CLOCK_LINE_UNSET] = { "clock-unset", CHECK_CLOCK, DOCTOR_FAIL,
                           "Have the network set it, 'sudo timedatectl set-ntp true', or fit a "
                           "battery clock: until then nothing that carries a date is told." },

    [DISK_ROOM] = { "disk-room", CHECK_DISK, DOCTOR_OK, NULL },
    [DISK_LOW] = { "disk-low", CHECK_DISK, DOCTOR_WARN, "Make room on the disk of {}." },
    [DISK_FULL] = { "disk-full", CHECK_DISK, DOCTOR_FAIL,
                    "Make room on the disk of {}: recordings wait in memory, 4 MiB of them." },
    [DISK_READ_ONLY] = { "disk-read-only", CHECK_DISK, DOCTOR_FAIL,
                         "Look after the disk ('sudo dmesg'), and mount it for writing." },
    [DISK_OWNER] = { "disk-owner", CHECK_DISK, DOCTOR_FAIL,
                     "Give it back: 'sudo chown -R {user}: {}'." },
    [DISK_OPEN] = { "disk-open", CHECK_DISK, DOCTOR_WARN,
                    "Keep heart rates to yourself: 'sudo chmod 0700 {}'." },
    [DISK_STUCK] = { "disk-stuck", CHECK_DISK, DOCTOR_FAIL, "Look after the disk: 'sudo dmesg'." },
    [DISK_SKIPPED] = { "disk-skipped", CHECK_DISK, DOCTOR_SKIPPED, NULL },

    [DATABASE_SOUND] = { "database-sound", CHECK_DATABASE, DOCTOR_OK, NULL },
    [DATABASE_BROKEN] = { "database-broken", CHECK_DATABASE, DOCTOR_FAIL,
                          "Restart strided, which sets it aside and makes it anew of the "
                          "recordings and files; then look after the disk." },
    [DATABASE_NEWER] = { "database-newer", CHECK_DATABASE, DOCTOR_FAIL,
                         "Install the newer strided that wrote it again." },
    [DATABASE_OWNER] = { "database-owner", CHECK_DATABASE, DOCTOR_FAIL,
                         "Give it back, 'sudo sh -c \"chown {user}: {}*\"', with mode 0640." },
    [DATABASE_ASIDE] = { "database-aside", CHECK_DATABASE, DOCTOR_WARN,
                         "Look after the disk; once nothing is missing, remove it." },
    [DATABASE_SKIPPED] = { "database-skipped", CHECK_DATABASE, DOCTOR_SKIPPED, NULL },

    [RECORDINGS_THERE] = { "recordings-there", CHECK_RECORDINGS, DOCTOR_OK, NULL },
    [RECORDINGS_OWNER] = { "recordings-owner", CHECK_RECORDINGS, DOCTOR_FAIL,
                           "Give them back: 'sudo chown -R {user}: {}'." },
    [RECORDINGS_OTHER] = { "recordings-other", CHECK_RECORDINGS, DOCTOR_WARN,
                           "Look after the disk, or after who puts files there; then remove "
                           "them." },
    [RECORDINGS_SKIPPED] = { "recordings-skipped", CHECK_RECORDINGS, DOCTOR_SKIPPED, NULL },

    [IMPORT_READY] = { "import-ready", CHECK_IMPORT, DOCTOR_OK, NULL },
    [IMPORT_NONE] = { "import-none", CHECK_IMPORT, DOCTOR_FAIL,
                      "Make it, 'sudo mkdir -p {}', or mend Folder= in [Import]." },
    [IMPORT_CLOSED] = { "import-closed", CHECK_IMPORT, DOCTOR_FAIL,
                        "Let the service's user in: 'sudo setfacl -m u:{user}:rx {}'." },
    [IMPORT_READ_ONLY] = { "import-read-only", CHECK_IMPORT, DOCTOR_FAIL,
                           "Let it write there, 'sudo setfacl -m u:{user}:rwx {}', or set "
                           "After=keep." },
    [IMPORT_HIDDEN] = { "import-hidden", CHECK_IMPORT, DOCTOR_FAIL,
                        "Bind it in with 'sudo ./run install --import-from RUNNER={}', or use "
                        "another one." },
    [IMPORT_SANDBOX] = { "import-sandbox", CHECK_IMPORT, DOCTOR_FAIL,
                         "'sudo systemctl edit strided', and write [Service] and "
                         "ReadWritePaths={}; or set After=keep." },
    [IMPORT_STRAY] = { "import-stray", CHECK_IMPORT, DOCTOR_WARN,
                       "Name it as a [Runner ...], or move it away." },
    [IMPORT_DEEP] = { "import-deep", CHECK_IMPORT, DOCTOR_WARN,
                      "Move its files up: two folders below a runner's are looked into." },
    [IMPORT_STUCK] = { "import-stuck", CHECK_IMPORT, DOCTOR_FAIL,
                       "Look after its share or stick: nothing else waits for it." },
    [IMPORT_SKIPPED] = { "import-skipped", CHECK_IMPORT, DOCTOR_SKIPPED, NULL },

    [BROKER_LISTENS] = { "broker-listens", CHECK_BROKER, DOCTOR_OK, NULL },
    [BROKER_UNSET] = { "broker-unset", CHECK_BROKER, DOCTOR_WARN,
                       "Set Uri= in [MQTT]: until then nothing is published." },
    [BROKER_NAME] = { "broker-name", CHECK_BROKER, DOCTOR_FAIL,
                      "Mend the name in Uri=, or use the broker's address in its place." },
    [BROKER_REFUSED] = { "broker-refused", CHECK_BROKER, DOCTOR_FAIL,
                         "Start the broker, have it listen for this machine (Mosquitto: 'listener "
                         "{}'), or mend the port in Uri=." },
    [BROKER_AWAY] = { "broker-away", CHECK_BROKER, DOCTOR_FAIL,
                      "See that its machine is on and in this network, and that no firewall is "
                      "between." },
    [BROKER_STUCK] = { "broker-stuck", CHECK_BROKER, DOCTOR_FAIL,
                       "Look after the name server of this network, or use the broker's address in "
                       "Uri=." },
    [BROKER_SKIPPED] = { "broker-skipped", CHECK_BROKER, DOCTOR_SKIPPED, NULL },

    [TLS_SOUND] = { "tls-sound", CHECK_TLS, DOCTOR_OK, NULL },
    [TLS_SOON] = { "tls-soon", CHECK_TLS, DOCTOR_WARN,
                   "Renew it at the broker before: strided refuses it from then on." },
    [TLS_NONE] = { "tls-none", CHECK_TLS, DOCTOR_FAIL,
                   "Use the port of the broker that speaks TLS, or mqtt:// in Uri=." },
    [TLS_EXPIRED] = { "tls-expired", CHECK_TLS, DOCTOR_FAIL,
                      "Renew it at the broker, if the clock of this machine is right." },
    [TLS_EARLY] = { "tls-early", CHECK_TLS, DOCTOR_FAIL, "Set the clock of this machine." },
    [TLS_ISSUER] = { "tls-issuer", CHECK_TLS, DOCTOR_FAIL,
                     "Put the certificate of its CA into a file, and name that in CaFile=." },
    [TLS_NAME] = { "tls-name", CHECK_TLS, DOCTOR_FAIL,
                   "Use the name in the certificate in Uri=, or give the broker one for {}." },
    [TLS_UNSOUND] = { "tls-unsound", CHECK_TLS, DOCTOR_FAIL,
                      "Give the broker another certificate, or have it speak TLS 1.2." },
    [TLS_OURS] = { "tls-ours", CHECK_TLS, DOCTOR_FAIL,
                   "Set ClientCert= and ClientKey= to a pair that is signed by a CA which the "
                   "broker knows; or, if it wants none, try another Version=." },
    [TLS_SKIPPED] = { "tls-skipped", CHECK_TLS, DOCTOR_SKIPPED, NULL },

    [LOGIN_TAKEN] = { "login-taken", CHECK_LOGIN, DOCTOR_OK, NULL },
    [LOGIN_REFUSED] = { "login-refused", CHECK_LOGIN, DOCTOR_FAIL,
                        "Mend Username= and PasswordFile=, or make the login at the broker "
                        "(Mosquitto: mosquitto_passwd)." },
    [LOGIN_VERSION] = { "login-version", CHECK_LOGIN, DOCTOR_FAIL, "Set Version={} in [MQTT]." },
    [LOGIN_FAILED] = { "login-failed", CHECK_LOGIN, DOCTOR_FAIL,
                       "See what the broker's own log says." },
    [LOGIN_SKIPPED] = { "login-skipped", CHECK_LOGIN, DOCTOR_SKIPPED, NULL },

    [TOPICS_READABLE] = { "topics-readable", CHECK_TOPICS, DOCTOR_OK, NULL },
    [TOPICS_CLOSED] = { "topics-closed", CHECK_TOPICS, DOCTOR_FAIL,
                        "Let the login read and write {}# in the broker's access rules." },
    [TOPICS_SKIPPED] = { "topics-skipped", CHECK_TOPICS, DOCTOR_SKIPPED, NULL },

    [HOME_ASSISTANT_SEEN] = { "homeassistant-seen", CHECK_HOME_ASSISTANT, DOCTOR_OK, NULL },
    [HOME_ASSISTANT_OFFLINE] = { "homeassistant-offline", CHECK_HOME_ASSISTANT, DOCTOR_WARN,
                                 "Start it, or look whether its MQTT integration uses this "
                                 "broker." },
    [HOME_ASSISTANT_UNTOLD] = { "homeassistant-untold", CHECK_HOME_ASSISTANT, DOCTOR_WARN,
                                "Let the login read and write {}/device/+/config in the broker's "
                                "access rules, or set Discovery=no." },
    [HOME_ASSISTANT_SKIPPED] = { "homeassistant-skipped", CHECK_HOME_ASSISTANT, DOCTOR_SKIPPED,
                                 NULL },

    [NAME_OURS] = { "name-ours", CHECK_NAME, DOCTOR_OK, NULL },
    [NAME_OTHER] = { "name-other", CHECK_NAME, DOCTOR_FAIL,
                     "Give one of them another Name= in [Gateway]." },
    [NAME_BEFORE] = { "name-before", CHECK_NAME, DOCTOR_WARN,
                      "Start strided: it takes the name over once the other was silent for two "
                      "minutes." },
    [NAME_TWIN] = { "name-twin", CHECK_NAME, DOCTOR_WARN,
                    "If this card was copied, give the copy another Name= and its own machine id: "
                    "README's 'Topics' has the commands." },
    [NAME_SKIPPED] = { "name-skipped", CHECK_NAME, DOCTOR_SKIPPED, NULL },

    [PROBLEMS_NONE] = { "problems-none", CHECK_PROBLEMS, DOCTOR_OK, NULL },
    [PROBLEMS_SAID] = { "problems-said", CHECK_PROBLEMS, DOCTOR_WARN,
                        "See the table in README's 'When things fail'." },
    [PROBLEMS_SKIPPED] = { "problems-skipped", CHECK_PROBLEMS, DOCTOR_SKIPPED, NULL },
};

const char *doctor_mark_name(enum doctor_mark mark)
{
    static const char *const names[] = { "ok", "warn", "fail", "skipped" };

    return names[mark];
}
