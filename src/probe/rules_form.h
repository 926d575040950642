/* Which rule about form a finding of the decoder belongs to. */
#ifndef YW_PROBE_RULES_FORM_H
#define YW_PROBE_RULES_FORM_H

const char *probe_finding_rule(int finding); /* id of the rule, NULL: none */
const char *probe_finding_zh(int finding);   /* what it means, in Chinese */

#endif
