{{- define "cashew.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 63 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "cashew.selector" -}}
app.kubernetes.io/name: cashew
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "cashew.labels" -}}
{{ include "cashew.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "cashew.secret" -}}
{{- .Values.secret.existing | default (include "cashew.name" .) }}
{{- end }}
