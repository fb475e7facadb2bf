/* Writes down, for bench/instructions, which instructions of the JIT compiler belong to which method:
   "M address bytes method" for each that it compiles, and for each place in it "P address method", the innermost of
   those that were inlined there. The argument of the agent is the file. */
#include <jvmti.h>
#include <jvmticmlr.h>
#include <stdio.h>
#include <string.h>

static FILE *file;

static void name(jvmtiEnv *jvm, jmethodID method, char *to, size_t size) {
  char *method_name = NULL, *signature = NULL;
  jclass declaring;
  if ((*jvm)->GetMethodName(jvm, method, &method_name, NULL, NULL) != JVMTI_ERROR_NONE) {
    snprintf(to, size, "?");
    return;
  }
  if ((*jvm)->GetMethodDeclaringClass(jvm, method, &declaring) == JVMTI_ERROR_NONE) {
    (*jvm)->GetClassSignature(jvm, declaring, &signature, NULL);
  }
  const char *slash = signature ? strrchr(signature, '/') : NULL;
  const char *simple = slash ? slash + 1 : signature ? signature : "?";
  snprintf(to, size, "%.*s.%s", (int)strcspn(simple, ";"), simple, method_name);
  (*jvm)->Deallocate(jvm, (unsigned char *)method_name);
  if (signature) {
    (*jvm)->Deallocate(jvm, (unsigned char *)signature);
  }
}

static void JNICALL compiled(jvmtiEnv *jvm, jmethodID method, jint size, const void *address, jint count,
                             const jvmtiAddrLocationMap *map, const void *info) {
  char text[512];
  name(jvm, method, text, sizeof text);
  fprintf(file, "M %lx %d %s\n", (unsigned long)address, (int)size, text);
  for (const jvmtiCompiledMethodLoadRecordHeader *each = info; each; each = each->next) {
    if (each->kind == JVMTI_CMLR_INLINE_INFO) {
      const jvmtiCompiledMethodLoadInlineRecord *inlined = (const void *)each;
      for (int i = 0; i < inlined->numpcs; i++) {
        if (inlined->pcinfo[i].numstackframes > 0) {
          name(jvm, inlined->pcinfo[i].methods[0], text, sizeof text);
          fprintf(file, "P %lx %s\n", (unsigned long)inlined->pcinfo[i].pc, text);
        }
      }
    }
  }
  fflush(file);
}

JNIEXPORT jint JNICALL Agent_OnLoad(JavaVM *vm, char *options, void *reserved) {
  jvmtiEnv *jvm;
  jvmtiCapabilities capabilities = {.can_generate_compiled_method_load_events = 1};
  jvmtiEventCallbacks callbacks = {.CompiledMethodLoad = compiled};
  file = options ? fopen(options, "w") : NULL;
  if (!file || (*vm)->GetEnv(vm, (void **)&jvm, JVMTI_VERSION_1_2) != JNI_OK) {
    return JNI_ERR;
  }
  (*jvm)->AddCapabilities(jvm, &capabilities);
  (*jvm)->SetEventCallbacks(jvm, &callbacks, sizeof callbacks);
  (*jvm)->SetEventNotificationMode(jvm, JVMTI_ENABLE, JVMTI_EVENT_COMPILED_METHOD_LOAD, NULL);
  return JNI_OK;
}
