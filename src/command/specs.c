/* The table of commands: one row per command and meaning, in the order of CN. Names and ranges: HJ 212-2017
 * tables 5 to 9 and Appendix C; 2005 and 2025 as share/hj212/commands.csv says, against which a test holds
 * the CNs, names and versions of this table. */
#include "command/command.h"

#include <string.h>

#define ONLY05 YW_V2005
#define FROM17 (YW_V2017 | YW_V2025)

/* Parameters that several rows share. */
/* clang-format off: one parameter, one line or two */
#define BEGIN_TIME                                                                                           \
    {                                                                                                        \
        .name = "BeginTime", .kind = YW_PARAM_TIME14, .required = true, .zh = "开始时间",                    \
        .en = "begin of the range"                                                                           \
    }
#define END_TIME                                                                                             \
    {                                                                                                        \
        .name = "EndTime", .kind = YW_PARAM_TIME14, .required = true, .zh = "截止时间",                      \
        .en = "end of the range"                                                                             \
    }
#define POL_ID                                                                                               \
    {                                                                                                        \
        .name = "PolId", .kind = YW_PARAM_FACTOR, .required = true, .zh = "污染因子编码",                    \
        .en = "code of the pollutant whose instrument is meant"                                              \
    }
#define POL_ID_MAY(v)                                                                                        \
    {                                                                                                        \
        .name = "PolId", .kind = YW_PARAM_FACTOR, .versions = (v), .zh = "污染因子编码（不填为数采仪）",     \
        .en = "code of the pollutant whose instrument is meant; without it the data logger"                  \
    }

static const struct yw_param timeout[] = {{.name = "OverTime",
                                           .kind = YW_PARAM_NUMBER,
                                           .required = true,
                                           .least = 1,
                                           .most = 99,
                                           .unit = "s",
                                           .zh = "超时时间",
                                           .en = "time-out"},
                                          {.name = "ReCount",
                                           .kind = YW_PARAM_NUMBER,
                                           .required = true,
                                           .least = 1,
                                           .most = 99,
                                           .zh = "重发次数",
                                           .en = "number of resends"}};
static const struct yw_param warn_time[] = {{.name = "WarnTime",
                                             .kind = YW_PARAM_NUMBER,
                                             .required = true,
                                             .least = 1,
                                             .most = 99999,
                                             .unit = "s",
                                             .zh = "超限报警时间",
                                             .en = "time over the limit before an alarm"}};
static const struct yw_param hardware[] = {{.name = "i23005-Info",
                                            .kind = YW_PARAM_TEXT,
                                            .required = true,
                                            .least = 1,
                                            .most = 24,
                                            .zh = "数采仪编号",
                                            .en = "identifier of the data logger"}};
static const struct yw_param pol_id[] = {POL_ID};
static const struct yw_param pol_id_may[] = {POL_ID_MAY(FROM17)};
static const struct yw_param system_time[] = {POL_ID_MAY(FROM17),
                                              {.name = "SystemTime",
                                               .kind = YW_PARAM_TIME14,
                                               .required = true,
                                               .preset = "@now",
                                               .zh = "系统时间",
                                               .en = "time to set; @now: that of sending"}};
static const struct yw_param new_key[] = {{.name = "SKCreateTime",
                                           .kind = YW_PARAM_TIME17,
                                           .required = true,
                                           .preset = "@now",
                                           .zh = "密钥创建时间",
                                           .en = "creation time of the key"},
                                          {.name = "NewSK",
                                           .kind = YW_PARAM_SECRET,
                                           .required = true,
                                           .least = 16,
                                           .most = 16,
                                           .comma = true,
                                           .zh = "新密钥",
                                           .en = "the new SM4 key"}};
static const struct yw_param pol_ids[] = {{.name = "PolId",
                                           .kind = YW_PARAM_FACTOR,
                                           .required = true,
                                           .many = 20,
                                           .zh = "污染因子编码（可多个，逗号分隔）",
                                           .en = "pollutant codes, separated by commas"}};
static const struct yw_param alarm_limits[] = {{.name = "PolId",
                                                .field = "",
                                                .kind = YW_PARAM_FACTOR,
                                                .required = true,
                                                .zh = "污染因子编码",
                                                .en = "pollutant code"},
                                               {.name = "LowValue",
                                                .field = "{PolId}-LowValue",
                                                .kind = YW_PARAM_DECIMAL,
                                                .required = true,
                                                .zh = "报警下限",
                                                .en = "lower alarm limit"},
                                               {.name = "UpValue",
                                                .field = "{PolId}-UpValue",
                                                .kind = YW_PARAM_DECIMAL,
                                                .required = true,
                                                .comma = true,
                                                .zh = "报警上限",
                                                .en = "upper alarm limit"}};
static const struct yw_param alarm_target[] = {{.name = "AlarmTarget",
                                                .kind = YW_PARAM_TEXT,
                                                .required = true,
                                                .least = 1,
                                                .most = 40,
                                                .zh = "上位机地址",
                                                .en = "address of the host"}};
static const struct yw_param report_time[] = {{.name = "ReportTime",
                                               .kind = YW_PARAM_CLOCK4,
                                               .required = true,
                                               .zh = "数据上报时间（时分）",
                                               .en = "time of the daily report, hhmm"}};
static const struct yw_param rtd_interval[] = {{.name = "RtdInterval",
                                                .kind = YW_PARAM_NUMBER,
                                                .required = true,
                                                .least = 30,
                                                .most = 3600,
                                                .unit = "s",
                                                .zh = "实时数据间隔",
                                                .en = "interval of real-time data"}};
static const struct yw_param min_interval[] = {{.name = "MinInterval",
                                                .kind = YW_PARAM_CHOICE,
                                                .required = true,
                                                .choices = "1,2,3,4,5,6,10,12,15,20,30",
                                                .unit = "min",
                                                .zh = "分钟数据间隔",
                                                .en = "interval of minute data"}};
static const struct yw_param new_password[] = {{.name = "NewPW",
                                                .kind = YW_PARAM_SECRET,
                                                .required = true,
                                                .least = 6,
                                                .most = 6,
                                                .zh = "新密码（6 个字符）",
                                                .en = "new password, six characters"}};
static const struct yw_param new_password_2005[] = {{.name = "NewPW",
                                                     .field = "PW",
                                                     .kind = YW_PARAM_SECRET,
                                                     .required = true,
                                                     .least = 6,
                                                     .most = 6,
                                                     .zh = "新密码（6 个字符）",
                                                     .en = "new password, six characters"}};
static const struct yw_param range[] = {BEGIN_TIME, END_TIME};
static const struct yw_param range_comma[] = {BEGIN_TIME,
                                              {.name = "EndTime",
                                               .kind = YW_PARAM_TIME14,
                                               .required = true,
                                               .comma = true,
                                               .zh = "截止时间",
                                               .en = "end of the range"}};
static const struct yw_param calibrate[] = {POL_ID,
                                            {.name = "CalibrationType",
                                             .kind = YW_PARAM_CHOICE,
                                             .required = true,
                                             .versions = YW_V2025,
                                             .choices = "0,1",
                                             .comma = true,
                                             .zh = "校准类型（0 零点，1 量程）",
                                             .en = "0 zero, 1 span"}};
static const struct yw_param schedule_2005[] = {POL_ID,
                                                {.name = "CTime",
                                                 .kind = YW_PARAM_NUMBER,
                                                 .required = true,
                                                 .least = 0,
                                                 .most = 24,
                                                 .many = 24,
                                                 .unit = "h",
                                                 .comma = true,
                                                 .zh = "采样时间（时，可多个，逗号分隔）",
                                                 .en = "hours of sampling, separated by commas"}};
static const struct yw_param sampling_period[] = {POL_ID,
                                                  {.name = "CstartTime",
                                                   .kind = YW_PARAM_CLOCK6,
                                                   .required = true,
                                                   .zh = "首次采样时间（时分秒）",
                                                   .en = "first sampling, hhmmss"},
                                                  {.name = "CTime",
                                                   .kind = YW_PARAM_NUMBER,
                                                   .required = true,
                                                   .least = 1,
                                                   .most = 24,
                                                   .unit = "h",
                                                   .zh = "采样周期",
                                                   .en = "sampling period"}};
#define INFO_ID                                                                                              \
    {                                                                                                        \
        .name = "InfoId", .kind = YW_PARAM_INFO, .required = true, .many = 8,                                \
        .zh = "现场机信息编码（可多个，逗号分隔）", .en = "codes of device information, separated by commas" \
    }
static const struct yw_param get_info[] = {
    POL_ID_MAY(0),
    INFO_ID,
    {.name = "BeginTime", .kind = YW_PARAM_TIME14, .zh = "开始时间", .en = "begin of the range"},
    {.name = "EndTime", .kind = YW_PARAM_TIME14, .comma = true, .zh = "截止时间", .en = "end of the range"}};
static const struct yw_param get_log[] = {POL_ID_MAY(0),
                                          {.name = "InfoId",
                                           .kind = YW_PARAM_CHOICE,
                                           .required = true,
                                           .choices = "i11001,i21001,i31001",
                                           .preset = "i21001",
                                           .zh = "日志（i11001 仪表，i21001 数采仪，i31001 门禁）",
                                           .en = "log: i11001 instrument, i21001 data logger, i31001 door"},
                                          BEGIN_TIME,
                                          {.name = "EndTime",
                                           .kind = YW_PARAM_TIME14,
                                           .required = true,
                                           .comma = true,
                                           .zh = "截止时间",
                                           .en = "end of the range"}};
static const struct yw_param set_info[] = {POL_ID_MAY(0),
                                           {.name = "InfoId",
                                            .kind = YW_PARAM_INFO,
                                            .required = true,
                                            .zh = "现场机信息编码",
                                            .en = "code of the parameter"},
                                           {.name = "Info",
                                            .field = "{InfoId}-Info",
                                            .kind = YW_PARAM_FREE,
                                            .required = true,
                                            .least = 1,
                                            .most = 200,
                                            .zh = "参数值",
                                            .en = "value of the parameter"}};

#define PARAMS(p) .params = (p), .param_n = YW_COUNT(p)
#define ROW(key_, cn_, versions_, zh_, en_)                                                                  \
    .key = key_, .cn = cn_, .versions = versions_, .zh = zh_, .en = en_
#define ONE(upload_)     .answer = YW_ANSWER_ONE, .upload = upload_
#define UPLOADS(upload_) .answer = YW_ANSWER_UPLOADS, .upload = upload_
#define FOLLOWS(upload_) .answer = YW_ANSWER_FOLLOWS, .upload = upload_
#define HISTORY(cn_)     UPLOADS(cn_), .range = true, PARAMS(range)
#define HELP(zh_, en_)   .help_zh = zh_, .help_en = en_
#define TOUCHES          .touches = true
#define SURE             .sure = true
#define NOTICE           .flow = YW_FLOW_NOTICE

const struct yw_command_spec yw_command_specs[] = {
    {ROW("set-timeout", 1000, YW_VALL, "设置超时时间及重发次数", "Set time-out and resends"), TOUCHES, SURE,
     PARAMS(timeout),
     HELP("现场机等待应答的时间和重发次数。",
          "How long the device waits for an answer and how often it sends again.")},
    {ROW("set-alarm-delay", 1001, ONLY05, "设置超限报警时间", "Set the time over a limit before an alarm"),
     TOUCHES, PARAMS(warn_time),
     HELP("仅 2005 版：超限多久后报警。",
          "2005 only: how long a value is over its limit before the device raises an alarm.")},
    {ROW("set-mn", 1002, YW_V2025, "设置数采仪MN编码", "Set the MN of a data logger"), TOUCHES,
     .machine = true, PARAMS(hardware),
     HELP("入网登记：MN 由包头的 MN 字段给出。",
          "Registration: the MN to install is that of the packet's header.")},
    {ROW("get-clock", 1011, YW_VALL, "提取现场机时间", "Get the device's clock"), ONE(1011), SURE,
     PARAMS(pol_id_may),
     HELP("数采仪的时间；填写因子编码时为该因子在线监控仪表的时间。",
          "The data logger's time; with a pollutant, that of its instrument.")},
    {ROW("set-clock", 1012, YW_VALL, "设置现场机时间", "Set the device's clock"), TOUCHES, SURE,
     PARAMS(system_time),
     HELP("把现场机时间设为平台时间或给定时间。",
          "Sets the device's clock to the platform's time or to a given one.")},
    {ROW("set-key", 1014, YW_V2025, "上位机设置新密钥", "Set a new SM4 key"), TOUCHES, .encrypted = true,
     .machine = true, PARAMS(new_key),
     HELP("用现用密钥加密下发新密钥。", "Sends a new key, encrypted with the present one.")},
    {ROW("get-alarm-limits", 1021, ONLY05, "提取污染物报警门限值", "Get alarm limits"), ONE(1021),
     PARAMS(pol_ids), HELP("仅 2005 版。", "2005 only.")},
    {ROW("set-alarm-limits", 1022, ONLY05, "设置污染物报警门限值", "Set alarm limits"), TOUCHES,
     PARAMS(alarm_limits),
     HELP("仅 2005 版：一个因子的报警上下限。", "2005 only: lower and upper alarm limit of one pollutant.")},
    {ROW("get-host-address", 1031, ONLY05, "提取上位机地址", "Get the host's address"), ONE(1031),
     HELP("仅 2005 版：现场机报警发往何处。", "2005 only: where the device sends its alarms.")},
    {ROW("set-host-address", 1032, ONLY05, "设置上位机地址", "Set the host's address"), TOUCHES,
     PARAMS(alarm_target),
     HELP("仅 2005 版：填错会使现场机失联。", "2005 only: a wrong address makes the device fall silent.")},
    {ROW("get-report-time", 1041, ONLY05, "提取数据上报时间", "Get the time of the daily report"), ONE(1041),
     HELP("仅 2005 版。", "2005 only.")},
    {ROW("set-report-time", 1042, ONLY05, "设置数据上报时间", "Set the time of the daily report"), TOUCHES,
     PARAMS(report_time), HELP("仅 2005 版。", "2005 only.")},
    {ROW("get-realtime-interval", 1061, YW_VALL, "提取实时数据间隔", "Get the interval of real-time data"),
     ONE(1061), SURE, HELP("实时数据多久上报一次。", "How often real-time data are sent.")},
    {ROW("set-realtime-interval", 1062, YW_VALL, "设置实时数据间隔", "Set the interval of real-time data"),
     TOUCHES, SURE, PARAMS(rtd_interval), HELP("30 至 3600 秒。", "30 to 3600 seconds.")},
    {ROW("get-minute-interval", 1063, FROM17, "提取分钟数据间隔", "Get the interval of minute data"),
     ONE(1063), SURE, HELP("分钟数据的周期。", "The period of minute data.")},
    {ROW("set-minute-interval", 1064, FROM17, "设置分钟数据间隔", "Set the interval of minute data"), TOUCHES,
     SURE, PARAMS(min_interval),
     HELP("同一系统的分钟数据周期应一致。", "All pollutants of a system have one period.")},
    {ROW("set-password", 1072, FROM17, "设置现场机密码", "Set the device's password"), TOUCHES, SURE,
     PARAMS(new_password),
     HELP("现场机此后用新密码通信。", "From then on the device uses the new password.")},
    {ROW("set-password-2005", 1072, ONLY05, "设置现场机密码", "Set the device's password (2005)"), TOUCHES,
     PARAMS(new_password_2005),
     HELP("现场机此后用新密码通信；2005 版字段名为 PW。",
          "From then on the device uses the new password; in 2005 the field is called PW.")},
    {ROW("start-realtime", 2011, YW_VALL, "取污染物实时数据", "Start real-time data"), TOUCHES, FOLLOWS(2011),
     SURE, HELP("现场机开始上报实时数据。", "The device begins to send real-time data.")},
    {ROW("electricity-history", 2011, YW_V2025, "取用电监控历史数据", "Get electricity data of a range"),
     .st = "44", HISTORY(2011),
     HELP("用电监控（ST=44）某时段的数据。", "Electricity data (ST=44) of a range of time.")},
    {ROW("stop-realtime", 2012, YW_VALL, "停止察看污染物实时数据", "Stop real-time data"), TOUCHES, NOTICE,
     SURE, HELP("现场机停止上报实时数据。", "The device stops sending real-time data.")},
    {ROW("raw-data", 2013, YW_V2025, "取原始监测数据", "Get raw (periodic) monitoring data"), HISTORY(2013),
     HELP("周期性监测仪表的原始数据。", "Readings of instruments that measure in periods.")},
    {ROW("start-facilities", 2021, YW_VALL, "取设备运行状态数据", "Start states of facilities"), TOUCHES,
     FOLLOWS(2021), SURE,
     HELP("现场机开始上报治理设施运行状态。",
          "The device begins to send the states of treatment facilities.")},
    {ROW("stop-facilities", 2022, YW_VALL, "停止察看设备运行状态", "Stop states of facilities"), TOUCHES,
     NOTICE, SURE,
     HELP("现场机停止上报治理设施运行状态。",
          "The device stops sending the states of treatment facilities.")},
    {ROW("day-data", 2031, YW_VALL, "取污染物日历史数据", "Get daily data"), HISTORY(2031), SURE,
     HELP("起止时间为日数据的数据时间。", "The range is that of the data times of daily records.")},
    {ROW("run-times", 2041, YW_VALL, "取设备运行时间日历史数据", "Get daily running times of facilities"),
     UPLOADS(2041), .range = true, SURE, PARAMS(range_comma),
     HELP("治理设施每日运行小时数。", "Hours a day that treatment facilities ran.")},
    {ROW("minute-data", 2051, YW_VALL, "取污染物分钟数据", "Get minute data"), HISTORY(2051), SURE,
     HELP("起止时间为分钟数据的数据时间。", "The range is that of the data times of minute records.")},
    {ROW("noise-samples", 2052, YW_V2025, "取噪声单次测量数据", "Get single noise measurements"),
     HISTORY(2052), HELP("噪声单次测量数据。", "Single measurements of noise.")},
    {ROW("hour-data", 2061, YW_VALL, "取污染物小时数据", "Get hourly data"), HISTORY(2061), SURE,
     HELP("起止时间为小时数据的数据时间。", "The range is that of the data times of hourly records.")},
    {ROW("check-data", 2062, YW_V2025, "取自动标样核查（校准）数据", "Get data of automatic standard checks"),
     HISTORY(2062),
     HELP("自动标样核查和校准的结果。", "Results of automatic standard checks and calibrations.")},
    {ROW("alarm-records", 2071, ONLY05, "取污染物报警记录", "Get alarm records"), HISTORY(2071),
     HELP("仅 2005 版。", "2005 only.")},
    {ROW("calibrate", 3011, YW_VALL, "零点校准量程校准", "Zero and span calibration"), TOUCHES, SURE,
     PARAMS(calibrate),
     HELP("仪表停止测量并校准；期间数据标记为 C。",
          "The instrument stops measuring and calibrates; its data are marked C meanwhile.")},
    {ROW("sample-now", 3012, YW_VALL, "即时采样", "Sample at once"), TOUCHES, SURE, PARAMS(pol_id),
     HELP("仪表立即采样分析。", "The instrument takes and analyses a sample at once.")},
    {ROW("clean", 3013, FROM17, "启动清洗/反吹", "Start cleaning or blowback"), TOUCHES, PARAMS(pol_id),
     HELP("启动取样管路清洗或反吹。", "Cleans the sampling line or blows it back.")},
    {ROW("operate-device", 3013, ONLY05, "设备操作", "Operate the device"), TOUCHES, PARAMS(pol_id),
     HELP("仅 2005 版：含义由设备规定。", "2005 only: what it does is the device's matter.")},
    {ROW("comparison-sample", 3014, FROM17, "比对采样", "Comparison sampling"), TOUCHES, PARAMS(pol_id),
     HELP("为人工比对同步采样；2025 版无示例。",
          "Takes a sample for a comparison by hand; 2025 has no example.")},
    {ROW("set-sampling-schedule", 3014, ONLY05, "设置设备采样时间周期", "Set the hours of sampling"), TOUCHES,
     PARAMS(schedule_2005),
     HELP("仅 2005 版：每日采样的整点。", "2005 only: the hours at which samples are taken.")},
    {ROW("retain-sample", 3015, FROM17, "超标留样", "Retain a sample"), TOUCHES, ONE(3015),
     HELP("留样并返回瓶号；2025 版无示例。", "Keeps a sample and tells the bottle; 2025 has no example.")},
    {ROW("set-sampling-period", 3016, FROM17, "设置采样时间周期", "Set the sampling period"), TOUCHES,
     PARAMS(sampling_period),
     HELP("首次采样时间和周期；2025 版无示例。", "First sampling and period; 2025 has no example.")},
    {ROW("get-sampling-period", 3017, FROM17, "提取采样时间周期", "Get the sampling period"), ONE(3017),
     PARAMS(pol_id), HELP("2025 版无示例。", "2025 has no example.")},
    {ROW("get-sample-time", 3018, FROM17, "提取出样时间", "Get the sample-to-result time"), ONE(3018), SURE,
     PARAMS(pol_id), HELP("从采样到出结果的分钟数。", "Minutes from sample to result.")},
    {ROW("get-serial", 3019, FROM17, "提取设备唯一标识", "Get the instrument's identifier"), ONE(3019), SURE,
     PARAMS(pol_id), HELP("仪表的唯一标识。", "The unique identifier of the instrument.")},
    {ROW("get-info", 3020, FROM17, "提取现场机信息", "Get device information"), UPLOADS(3020), SURE,
     PARAMS(get_info), HELP("状态、参数或日志，按信息编码。", "States, parameters or logs by their codes.")},
    {ROW("get-log", 3020, FROM17, "提取现场机信息（日志）", "Get a log of the device"), UPLOADS(3020),
     .range = true, SURE, PARAMS(get_log),
     HELP("仪表、数采仪或门禁某时段的日志。",
          "The log of an instrument, the data logger or the door over a range of time.")},
    {ROW("set-info", 3021, FROM17, "设置现场机参数", "Set a device parameter"), TOUCHES, SURE,
     PARAMS(set_info),
     HELP("改变仪表参数会改变测量结果。", "A changed parameter changes what the instrument reads.")},
    {ROW("retain-sample-now", 3022, YW_V2025, "下发即时留样任务", "Start immediate retention of a sample"),
     TOUCHES, PARAMS(pol_id), HELP("立即留样。", "Keeps a sample at once.")},
    {ROW("check-standard", 3024, YW_V2025, "启动自动标样核查", "Start an automatic standard check"), TOUCHES,
     PARAMS(pol_id),
     HELP("仪表测量标样；期间无样品数据。",
          "The instrument measures a standard; there are no readings meanwhile.")},
};
/* clang-format on */

const size_t yw_command_spec_n = YW_COUNT(yw_command_specs);

unsigned yw_version_bit(uint16_t version) {
    return version == 2005 ? YW_V2005 : version == 2017 ? YW_V2017 : version == 2025 ? YW_V2025 : 0;
}

bool yw_command_has_version(const struct yw_command_spec *s, uint16_t version) {
    return (s->versions & yw_version_bit(version)) != 0;
}

bool yw_param_has_version(const struct yw_param *p, uint16_t version) {
    return p->versions == 0 || (p->versions & yw_version_bit(version)) != 0;
}

bool yw_command_is_secret(const struct yw_command_spec *s) {
    for (unsigned i = 0; i < s->param_n; i++)
        if (s->params[i].kind == YW_PARAM_SECRET) return true;
    return false;
}

const struct yw_command_spec *yw_command_by_cn(uint16_t cn, uint16_t version) {
    for (size_t i = 0; i < yw_command_spec_n; i++) {
        const struct yw_command_spec *s = &yw_command_specs[i];
        if (s->cn == cn && (version == 0 || yw_command_has_version(s, version))) return s;
    }
    return NULL;
}

const struct yw_command_spec *yw_command_by_key(const char *key) {
    uint16_t cn;
    for (size_t i = 0; i < yw_command_spec_n; i++)
        if (strcmp(yw_command_specs[i].key, key) == 0) return &yw_command_specs[i];
    return yw_parse_u16(key, strlen(key), &cn) ? yw_command_by_cn(cn, 0) : NULL;
}
