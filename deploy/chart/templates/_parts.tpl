{{- define "boxoffice.name" -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "boxoffice.selector" -}}
app.kubernetes.io/name: boxoffice
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "boxoffice.labels" -}}
{{ include "boxoffice.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "boxoffice.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- /* Whoever runs: nobody special, who can write nothing. */ -}}
{{- define "boxoffice.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "boxoffice.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "boxoffice.secrets" -}}
- name: DATABASE_URL
  valueFrom: {secretKeyRef: {name: {{ .Values.database.secretName }}, key: {{ .Values.database.secretKey }}}}
- name: REDIS_URL
  valueFrom: {secretKeyRef: {name: {{ .Values.redis.secretName }}, key: {{ .Values.redis.secretKey }}}}
- name: BOXOFFICE_ADMIN_TOKEN
  valueFrom: {secretKeyRef: {name: {{ .Values.adminToken.secretName }}, key: {{ .Values.adminToken.secretKey }}}}
{{- with .Values.dataUrls.secretName }}
- name: BOXOFFICE_DATA_URLS
  valueFrom: {secretKeyRef: {name: {{ . }}, key: {{ $.Values.dataUrls.secretKey }}}}
{{- end }}
{{- end }}
